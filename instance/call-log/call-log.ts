import { join } from 'node:path'

import type { ReportedCall } from '../../forge/contract/tool-calls.ts'
import type { ForgeApi } from '../forge-api.ts'
import { troubleLog } from '../trouble.ts'
import { createWorker } from '../worker.ts'
import { memorySpool } from './memory-spool.ts'
import { sendCalls } from './send-calls.ts'
import { openSpool, type Spool } from './spool.ts'

/** Calls of tools, on their way to the forge. */
export interface CallLog {
  /** False while so many calls wait for the forge that no more may be made. */
  hasRoom(): boolean
  /** Settles when the call is written where a kill of this process does not reach it. @throws {Error} it is not */
  append(call: ReportedCall): Promise<void>
  /** Sends what is there, now. */
  report(): void
  close(): Promise<void>
}

interface CallLogOptions {
  stateFolder: string | null
  log: (message: string) => void
  maxBytes?: number
}

/** About 40,000 calls without arguments. */
const MAX_SPOOL_BYTES = 16 * 1024 * 1024
/** Calls that come close together go to the forge together. */
const GATHER_MS = 300
/** How often it is looked for calls that other processes have left behind. */
const ORPHANS_MS = 60_000

export function openCallLog(
  forge: ForgeApi,
  { stateFolder, log, maxBytes = MAX_SPOOL_BYTES }: CallLogOptions,
): CallLog {
  const spool = openIn(stateFolder, log)
  const worker = createWorker(
    async () => {
      for (const segment of spool.seal()) {
        await sendCalls(forge, segment.read(), log)
        segment.remove()
      }
    },
    troubleLog(log, {
      unexpected: 'Reporting calls to the forge failed unexpectedly; they are kept until it works.',
      over: 'Calls are reported to the forge again.',
    }),
  )
  let gathering: NodeJS.Timeout | undefined
  const writer = groupWriter(spool)
  const adopting = setInterval(() => worker.wake(), ORPHANS_MS).unref()
  worker.wake()

  function gather(): void {
    gathering ??= setTimeout(() => {
      gathering = undefined
      worker.wake()
    }, GATHER_MS).unref()
  }

  return {
    hasRoom: () => spool.bytes() < maxBytes,
    append: (call) => {
      gather()
      return writer(JSON.stringify(call))
    },
    report: () => void worker.hurry(),
    close: async () => {
      clearTimeout(gathering)
      clearInterval(adopting)
      // A forge that is there gets them now; for one that is away there is the file.
      await worker.hurry()
      worker.close()
      spool.close()
    },
  }
}

function openIn(stateFolder: string | null, log: (message: string) => void): Spool {
  if (stateFolder === null) return memorySpool()
  try {
    return openSpool(join(stateFolder, 'calls'))
  } catch (error) {
    log(`Calls that are not yet reported are held in memory: ${(error as Error).message}`)
    return memorySpool()
  }
}

/** One write for all lines of a turn of the event loop: a write costs more than a line. */
function groupWriter(spool: Spool): (line: string) => Promise<void> {
  let lines: string[] = []
  let written: Promise<void> | null = null

  return (line) => {
    lines.push(line)
    written ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        const group = lines
        lines = []
        written = null
        try {
          spool.append(group)
          resolve()
        } catch (cause) {
          reject(new Error(`The log of calls cannot be written: ${(cause as Error).message}`, { cause }))
        }
      })
    })
    return written
  }
}
