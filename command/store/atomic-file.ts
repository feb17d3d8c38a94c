import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export interface FileModes {
  /** Of the file. */
  mode: number
  /** Of folders that have to be made for it. */
  folderMode?: number
}

/**
 * Puts the text in the place of the file at once: whoever reads sees the old one or the new one. All in one go, without
 * a pause in which a signal could be handled, so that nothing half done stays behind.
 */
export function writeAtomically(path: string, text: string, { mode, folderMode }: FileModes): void {
  mkdirSync(dirname(path), { recursive: true, ...(folderMode === undefined ? {} : { mode: folderMode }) })
  const beside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  try {
    // Exclusive: nobody can have put a link there.
    const file = openSync(beside, 'wx', mode)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}
