import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'

import type { CallReceipt, CallReport, ReportedCall } from '../../../forge/contract/tool-calls.ts'
import { openCallLog, type CallLog } from '../../../instance/call-log/call-log.ts'
import { createForgeApi } from '../../../instance/forge-api.ts'
import { startLoopbackForge, type LoopbackForge } from '../support/loopback-forge.ts'
import { eventually } from '../../support/eventually.ts'

let forge: LoopbackForge
let folder: string
let logged: string[]
/** Ids that the forge has taken. */
let taken: string[]

beforeEach(async () => {
  forge = await startLoopbackForge()
  folder = await mkdtemp(join(tmpdir(), 'calls-'))
  logged = []
  taken = []
})
afterEach(async () => {
  await forge.close()
  await rm(folder, { recursive: true })
})

function open(options: { stateFolder?: string | null; maxBytes?: number } = {}): CallLog {
  const settings = { forgeUrl: forge.url, instanceId: undefined, instanceToken: 'fft_secret', log: () => undefined }
  const log = openCallLog(createForgeApi(settings), {
    stateFolder: folder,
    log: (message) => logged.push(message),
    ...options,
  })
  onTestFinished(() => log.close())
  return log
}

function call(changes: Partial<ReportedCall> = {}): ReportedCall {
  return {
    id: randomUUID(),
    auditRef: 'tokenA.mac',
    at: '2026-11-24T12:00:00.000Z',
    server: '/mcp',
    tool: 'note',
    outcome: 'ok',
    durationMs: 3,
    ...changes,
  }
}

const idsOf = (body: string) => (JSON.parse(body) as CallReport).calls.map(({ id }) => id)

function takeCalls(refused: CallReceipt['refused'] = []): void {
  forge.routes['POST /audit'] = ({ body }, response) => {
    const fresh = idsOf(body).filter((id) => !taken.includes(id))
    taken.push(...fresh)
    const receipt = { accepted: fresh.length, duplicates: idsOf(body).length - fresh.length, refused }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(receipt))
  }
}

const files = () => readdir(join(folder, 'calls'))

it('has written a call when it says so, and sends it soon after', async () => {
  takeCalls()
  const log = open()
  const one = call()

  await log.append(one)
  const [name = ''] = await files()
  expect(JSON.parse(await readFile(join(folder, 'calls', name), 'utf8'))).toEqual(one)

  await eventually(() => expect(taken).toEqual([one.id]))
  await eventually(async () => expect(await files()).toEqual([]))
})

it('sends 200 calls at once at most', async () => {
  takeCalls()
  const log = open()

  await Promise.all(Array.from({ length: 450 }, () => log.append(call())))
  await log.close()

  expect(forge.calls.map(({ body }) => idsOf(body).length)).toEqual([200, 200, 50])
})

it('sends no more than a megabyte at once', async () => {
  takeCalls()
  const log = open()

  await Promise.all(Array.from({ length: 200 }, () => log.append(call({ arguments: { text: 'ä'.repeat(3_900) } }))))
  await log.close()

  expect(taken).toHaveLength(200)
  expect(Math.max(...forge.calls.map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(1024 * 1024)
})

it('keeps what it could not send for the next process', async () => {
  const log = open()
  const one = call()
  await log.append(one)
  await log.close()
  expect(await files()).toHaveLength(1)
  expect(logged).toEqual([expect.stringMatching(/^The forge answered 404/)])
})

it('sends a call again when no receipt came, and the forge counts it once', async () => {
  takeCalls()
  const answer = forge.routes['POST /audit']
  forge.routes['POST /audit'] = (asked, response) => {
    taken.push(...idsOf(asked.body))
    response.destroy()
  }
  const log = open()
  const one = call()
  await log.append(one)
  log.report()
  await eventually(() => expect(taken).toEqual([one.id]))

  forge.routes['POST /audit'] = answer ?? (() => undefined)
  await log.close()

  expect(forge.calls.length).toBeGreaterThan(1)
  expect(taken).toEqual([one.id])
  expect(await files()).toEqual([])
})

it('finds the one call that the forge cannot read, and sends the others', async () => {
  takeCalls()
  const answer = forge.routes['POST /audit']
  const poison = call({ tool: 'poison' })
  forge.routes['POST /audit'] = (asked, response) =>
    asked.body.includes('poison') ? void response.writeHead(400).end() : answer?.(asked, response)
  const log = open()
  const others = Array.from({ length: 9 }, () => call())

  await Promise.all([...others.slice(0, 4), poison, ...others.slice(4)].map((each) => log.append(each)))
  await log.close()

  expect(taken.sort()).toEqual(others.map(({ id }) => id).sort())
  expect(logged).toEqual(['The forge cannot read a call that this instance has logged; it is lost.'])
  expect(await files()).toEqual([])
})

it('says so when the forge refuses calls for good, and does not send them again', async () => {
  const one = call()
  takeCalls([{ id: one.id, reason: 'unknown_reference' }])
  const log = open()

  await log.append(one)
  await log.close()

  expect(logged).toEqual(['The forge refuses 1 calls of this instance for good: unknown_reference.'])
  expect(await files()).toEqual([])
})

it('has no room any more when too much waits, and has when that was sent', async () => {
  const log = open({ maxBytes: 300 })
  expect(log.hasRoom()).toBe(true)
  await log.append(call())
  await log.append(call())
  expect(log.hasRoom()).toBe(false)

  takeCalls()
  log.report()

  await eventually(() => expect(log.hasRoom()).toBe(true))
})

it('fails to append when the disk does', async () => {
  const log = open()
  await rm(join(folder, 'calls'), { recursive: true })

  await expect(log.append(call())).rejects.toThrow('ENOENT')
})

it('works in memory without a folder', async () => {
  takeCalls()
  const log = open({ stateFolder: null })
  const one = call()

  await log.append(one)
  await log.close()

  expect(taken).toEqual([one.id])
})
