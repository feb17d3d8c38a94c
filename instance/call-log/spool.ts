import { randomBytes } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/**
 * Lines that must not be lost when this process is killed: appended to a file before anybody is told, taken out in
 * segments, and removed once they have arrived. A file belongs to the process that wrote it; another process takes it
 * over when its owner is dead.
 */
export interface Spool {
  /** Writes lines at once, in one piece. @throws {Error} as the file system does */
  append(lines: readonly string[]): void
  /** Bytes that wait: of this process, and of the dead whom it has found. */
  bytes(): number
  /** Ends the current segment, and says which there are to be sent: own ones, and those of the dead. */
  seal(): Segment[]
  close(): void
}

export interface Segment {
  /** Without a torn last line, or whatever else is no JSON. */
  read(): string[]
  remove(): void
}

/** How often an owner says that it lives, for those who cannot see its process, and how long that is believed. */
const SIGN_OF_LIFE_MS = 10_000
const BELIEVED_ALIVE_MS = 60_000

/** @throws {Error} when the folder cannot be made or written */
export function openSpool(folder: string): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const owner = thisOwner()
  const own = `${owner.host}.${owner.pid}.${owner.start}.${randomBytes(4).toString('hex')}`
  const sealed = new Map<string, number>()
  const left = new Map<string, number>()
  let current: { fd: number; path: string; bytes: number } | null = null
  let count = 0
  let torn = false

  const signOfLife = setInterval(() => {
    const now = new Date()
    for (const path of [...sealed.keys(), ...(current ? [current.path] : [])])
      ignoringMissing(() => utimesSync(path, now, now))
  }, SIGN_OF_LIFE_MS)
  signOfLife.unref()

  function file(): { fd: number; path: string; bytes: number } {
    if (current) return current
    const path = join(folder, `${own}.${String(count++).padStart(6, '0')}.jsonl`)
    return (current = { fd: openSync(path, 'ax', 0o600), path, bytes: 0 })
  }

  function seal(): void {
    if (!current) return
    closeSync(current.fd)
    sealed.set(current.path, current.bytes)
    current = null
  }

  function segment(path: string): Segment {
    return {
      read: () => readLines(path),
      remove: () => {
        ignoringMissing(() => unlinkSync(path))
        sealed.delete(path)
        left.delete(path)
      },
    }
  }

  /** A process that is killed again and again while the forge is away must not leave more behind than one may. */
  function findLeft(): void {
    left.clear()
    for (const path of orphans(folder, owner))
      left.set(
        path,
        ignoringMissing(() => statSync(path).size),
      )
  }
  findLeft()

  return {
    append: (lines) => {
      const target = file()
      const text = Buffer.from(`${torn ? '\n' : ''}${lines.join('\n')}\n`)
      torn = true
      for (let written = 0; written < text.length;) written += writeSync(target.fd, text, written)
      torn = false
      target.bytes += text.length
    },
    bytes: () => sumOf(left) + sumOf(sealed) + (current?.bytes ?? 0),
    seal: () => {
      seal()
      findLeft()
      return [...left.keys(), ...sealed.keys()].map(segment)
    },
    close: () => {
      clearInterval(signOfLife)
      seal()
    },
  }
}

const sumOf = (sizes: ReadonlyMap<string, number>) => [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)

interface Owner {
  host: string
  pid: number
  /** When its process started, as far as the system tells: process ids come again. */
  start: string
}

function thisOwner(): Owner {
  return { host: hostname().replace(/[^\w-]/g, '_'), pid: process.pid, start: startOf(process.pid) ?? '0' }
}

/** Linux tells in field 22 of `/proc/PID/stat`; the second field is in parentheses and may hold blanks. Null: unknown. */
function startOf(pid: number): string | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
    return fields?.[19] ?? null
  } catch {
    return null
  }
}

/** Segments of processes that are no more. */
function orphans(folder: string, self: Owner): string[] {
  return readdirSync(folder)
    .sort()
    .filter((name) => isOrphan(folder, name, self))
    .map((name) => join(folder, name))
}

function isOrphan(folder: string, name: string, self: Owner): boolean {
  const [, host, pid = '', start] = /^([\w-]+)\.(\d+)\.(\d+)\.[0-9a-f]+\.\d+\.jsonl$/.exec(name) ?? []
  if (host === undefined) return false
  // In another container or on another machine: only its file tells.
  if (host !== self.host)
    return ignoringMissing(() => Date.now() - statSync(join(folder, name)).mtimeMs) > BELIEVED_ALIVE_MS
  if (Number(pid) === self.pid) return start !== self.start

  return !isRunning(Number(pid)) || (start !== '0' && startOf(Number(pid)) !== start)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // somebody else's
  }
}

function readLines(path: string): string[] {
  return (ignoringMissing(() => readFileSync(path, 'utf8')) || '')
    .split('\n')
    .filter((line) => line !== '' && isJson(line))
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

/** Another process that saw the same dead owner may have been faster. 0 or nothing then. */
function ignoringMissing<Value>(action: () => Value): Value | 0 {
  try {
    return action()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
