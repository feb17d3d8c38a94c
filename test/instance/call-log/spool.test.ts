import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { openSpool, type Spool } from '../../../instance/call-log/spool.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spool-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

function open(): Spool {
  const spool = openSpool(folder)
  onTestFinished(() => spool.close())
  return spool
}

const linesOf = (spool: Spool) => spool.seal().flatMap((segment) => segment.read())
const HOST = hostname().replace(/[^\w-]/g, '_')

it('gives back what was appended, in order, until it is removed', () => {
  const spool = open()
  spool.append(['1', '2'])
  spool.append(['3'])

  expect(spool.bytes()).toBe(6)
  expect(linesOf(spool)).toEqual(['1', '2', '3'])
  expect(linesOf(spool)).toEqual(['1', '2', '3'])
  for (const segment of spool.seal()) segment.remove()
  expect(linesOf(spool)).toEqual([])
  expect(spool.bytes()).toBe(0)
})

it('keeps what is appended while a segment is on its way', () => {
  const spool = open()
  spool.append(['1'])
  const [first] = spool.seal()
  spool.append(['2'])
  first?.remove()

  expect(linesOf(spool)).toEqual(['2'])
})

it('writes files that nobody else may read', async () => {
  open().append(['1'])

  const [name = ''] = await readdir(folder)
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
})

it('skips a torn line, wherever it is', async () => {
  const spool = open()
  spool.append(['{"a":1}'])
  const [name = ''] = await readdir(folder)
  await appendFile(join(folder, name), '{"b":\n{"c":3}\n{"d')

  expect(linesOf(spool)).toEqual(['{"a":1}', '{"c":3}'])
})

describe('what a process has left behind', () => {
  /** As a process that has ended would have left it. */
  async function leave(name: string, line = '"left"'): Promise<void> {
    await writeFile(join(folder, name), `${line}\n`)
  }
  const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid

  it('is taken over once that process is dead, and removed with the rest', async () => {
    await leave(`${HOST}.${deadPid()}.1.00000000.000000.jsonl`)
    const spool = open()

    const segments = spool.seal()
    expect(segments.flatMap((segment) => segment.read())).toEqual(['"left"'])
    for (const segment of segments) segment.remove()
    expect(await readdir(folder)).toEqual([])
  })

  it('counts as what waits, from the start, until it is removed', async () => {
    await leave(`${HOST}.${deadPid()}.1.00000000.000000.jsonl`)
    const spool = open()
    expect(spool.bytes()).toBe(7)

    spool.append(['1'])
    const segments = spool.seal()
    expect(spool.bytes()).toBe(9)
    for (const segment of segments) segment.remove()
    expect(spool.bytes()).toBe(0)
  })

  it('is left alone while that process runs', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    onTestFinished(() => void other.kill('SIGKILL'))
    await once(other, 'spawn')
    const start = (await readFile(`/proc/${other.pid}/stat`, 'utf8')).split(') ').at(-1)?.split(' ')[19]
    await leave(`${HOST}.${other.pid}.${start}.00000000.000000.jsonl`)

    expect(linesOf(open())).toEqual([])
  })

  it('is taken over when another process has its number now', async () => {
    await leave(`${HOST}.${process.pid}.1.00000000.000000.jsonl`)
    await leave(`${HOST}.${process.ppid}.1.00000000.000000.jsonl`, '"parent"')

    expect(linesOf(open()).sort()).toEqual(['"left"', '"parent"'])
  })

  it('is left alone while another spool of this process has it', () => {
    const other = open()
    other.append(['1'])

    expect(linesOf(open())).toEqual([])
    expect(linesOf(other)).toEqual(['1'])
  })

  it('of another host is taken over after a minute without a sign of life', async () => {
    const name = 'elsewhere.7.1.00000000.000000.jsonl'
    await leave(name)
    const spool = open()
    expect(linesOf(spool)).toEqual([])

    const old = new Date(Date.now() - 61_000)
    await utimes(join(folder, name), old, old)
    expect(linesOf(spool)).toEqual(['"left"'])
  })

  it('is gone without harm when a third process was faster', async () => {
    const name = `${HOST}.${deadPid()}.1.00000000.000000.jsonl`
    await leave(name)
    const [segment] = open().seal()
    await rename(join(folder, name), join(folder, 'gone'))

    expect(segment?.read()).toEqual([])
    expect(() => segment?.remove()).not.toThrow()
  })

  it('does not include files of others', async () => {
    await leave('notes.txt')

    expect(linesOf(open())).toEqual([])
  })
})
