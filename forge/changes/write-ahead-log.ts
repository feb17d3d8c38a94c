import { statSync } from 'node:fs'

/**
 * Within this time after a write, nothing is known: another one in the same tick of the system's clock looks the same,
 * and what was written is seen by others only once the disk has it.
 */
const COMMIT_MS = 100

/** Tells whether anything can have been written into an SQLite database, at the price of a look at a file. */
export interface WriteAheadLog {
  /**
   * Whether nothing has been committed since a moment, by whatever process. No says that something may have been.
   * @param moment by the monotonic clock
   */
  isUntouchedSince(moment: number): boolean
}

/** What changes of the file with every commit: it is written to, grows, begins anew, or is another file. */
interface State {
  mtimeMs: number
  size: number
  ino: number
}

/**
 * Watches the write-ahead log, into which every commit is written before anybody sees it. It is no proof where a disk
 * takes long, or a file system tells of writes late: who asks must look at the database itself now and then.
 * @param file of the database @param now monotonic, in milliseconds
 */
export function watchWriteAheadLog(file: string, now = () => performance.now()): WriteAheadLog {
  let known: State = { mtimeMs: NaN, size: NaN, ino: NaN }
  let knownSince = Infinity

  return {
    isUntouchedSince(moment) {
      const found = stateOf(`${file}-wal`)
      if (!found) return false

      if (found.mtimeMs !== known.mtimeMs || found.size !== known.size || found.ino !== known.ino) {
        known = found
        knownSince = now()
      }
      return knownSince + COMMIT_MS <= moment
    },
  }
}

/** Windows tells of writes when the file is closed. */
function stateOf(path: string): State | undefined {
  return process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })
}
