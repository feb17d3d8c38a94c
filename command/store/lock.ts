import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { CommandError } from '../command-error.ts'

const PATIENCE_MS = 10_000
const PAUSE_MS = 25

/**
 * Does the work while no other run of this command works on the same file. The lock lies among the command's own files,
 * not beside a file that may be in a project. One that a killed run left behind is taken over.
 */
export async function withLock<T>(stateFolder: string, path: string, work: () => Promise<T>): Promise<T> {
  const folder = join(stateFolder, 'locks')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = join(folder, createHash('sha256').update(path).digest('hex').slice(0, 32))

  for (const end = Date.now() + PATIENCE_MS; !claim(lock); await sleep(PAUSE_MS)) {
    if (Date.now() > end) throw new CommandError(`Another forge-pat is working on ${path}. Try again when it is done.`)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function claim(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // The next turn claims it, against whoever else saw the same.
    if (isLeftBehind(lock)) rmSync(lock, { force: true })
    return false
  }
}

function isLeftBehind(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, 'utf8'))
    // Empty for the moment between its making and its writing.
    if (!Number.isInteger(pid) || pid <= 0) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
