import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createAuditWorker, type AuditSinks, type AuditWorker } from '../../../forge/audit/audit-worker.ts'
import { makeCheckpoints } from '../../../forge/audit/checkpoints.ts'
import { lineSink, webhookSink } from '../../../forge/audit/sinks.ts'
import { streamNewEntries, type AuditSink, type StreamBatch } from '../../../forge/audit/stream.ts'
import { verifyAudit } from '../../../forge/audit/verify.ts'
import { openDatabase } from '../../../forge/host/database.ts'
import { createTestDatabase, type Dialect, type TestDatabase } from '../../support/database.ts'
import { auditOn, inOwnLog, keys, writeAll } from './entries.ts'

interface Line {
  type: string
  sequence?: number
  number?: number
  mac?: string
  event?: string
}

const linesOf = (batches: Pick<StreamBatch, 'text'>[]): Line[] =>
  batches.flatMap(({ text }) => text.trimEnd().split('\n')).map((line) => JSON.parse(line) as Line)
const sequencesOf = (batches: Pick<StreamBatch, 'text'>[]) => linesOf(batches).flatMap(({ sequence }) => sequence ?? [])
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n)
const never = new AbortController().signal

/** What must hold of the stream, on whichever database. */
export function streamCases(dialect: Dialect): void {
  let database: TestDatabase
  let audit: ReturnType<typeof auditOn>
  let batches: StreamBatch[]

  beforeEach(async () => {
    database = await createTestDatabase(dialect)
    audit = auditOn(database.db)
    batches = []
  })
  afterEach(() => database.cleanup())

  const seal = async (count: number) => {
    await database.db.transaction(async (transaction) => {
      for (let n = 0; n < count; n++) await audit.write(inOwnLog, transaction)
    })
    await makeCheckpoints(audit)
  }
  const collecting: AuditSink = { name: 'test', deliver: async (batch) => void batches.push(batch) }
  const stream = (sink: AuditSink = collecting) => streamNewEntries(audit, sink, never)

  it('sends entries in their order, each once, and the checkpoints that cover them', async () => {
    await seal(3)
    await stream()
    await stream()
    await seal(2)
    await stream()

    expect(batches.map(({ id }) => id)).toEqual(['audit-1-3', 'audit-4-5'])
    expect(linesOf(batches).map(({ type, sequence, number }) => [type, sequence ?? number])).toEqual([
      ['audit.entry', 1],
      ['audit.entry', 2],
      ['audit.entry', 3],
      ['audit.checkpoint', 1],
      ['audit.entry', 4],
      ['audit.entry', 5],
      ['audit.checkpoint', 2],
    ])
  })

  it('sends checkpoints that are anchors', async () => {
    await seal(3)
    await stream()

    const checkpoint = linesOf(batches).at(-1)
    const { anchor } = await verifyAudit(database.db, [keys])
    expect(`${checkpoint?.number}:${checkpoint?.mac}`).toBe(anchor)
  })

  it('waits for the checkpoint', async () => {
    await writeAll(database.db, audit, [inOwnLog])
    await stream()

    expect(batches).toEqual([])
  })

  it('works off a backlog in batches', async () => {
    await seal(450)
    await stream()

    expect(batches.map(({ id }) => id)).toEqual(['audit-1-200', 'audit-201-400', 'audit-401-450'])
    expect(sequencesOf(batches)).toEqual(range(1, 450))
  })

  it('sends again what was not delivered, under the same id', async () => {
    const deliver = vi.fn<AuditSink['deliver']>().mockRejectedValueOnce(new Error('away')).mockResolvedValue()
    const sink = { name: 'test', deliver }
    await seal(2)

    await expect(stream(sink)).rejects.toThrow('away')
    await stream(sink)
    expect(deliver.mock.calls.map(([{ id }]) => id)).toEqual(['audit-1-2', 'audit-1-2'])
  })

  it('keeps a place for each sink', async () => {
    await seal(1)
    await stream()
    await stream({ ...collecting, name: 'other' })

    expect(sequencesOf(batches)).toEqual([1, 1])
  })

  it('has one sender among several forges', async () => {
    const otherDb = await openDatabase(database.url)
    await seal(450)
    const senders = [audit, auditOn(otherDb)].map((forge) => streamNewEntries(forge, collecting, never))
    await Promise.all(senders)
    await otherDb.close()

    expect(sequencesOf(batches)).toEqual(range(1, 450))
  })

  describe('createAuditWorker', () => {
    let worker: AuditWorker | undefined
    let server: Server | undefined
    afterEach(async () => {
      await worker?.close()
      server?.close()
      worker = server = undefined
    })

    const start = (sinks: AuditSinks, onError = vi.fn()) => {
      worker = createAuditWorker({ db: database.db, keys, sinks, onError })
      worker.start()
      return onError
    }

    it('writes lines to a stream of the process', async () => {
      const written: { text: string }[] = []
      const stdout = new Writable({
        write(chunk, _encoding, done) {
          written.push({ text: String(chunk) })
          done()
        },
      })
      start({ stdout })
      await writeAll(database.db, audit, [inOwnLog])

      await vi.waitFor(() => expect(sequencesOf(written)).toEqual([1]), { timeout: 10_000 })
      expect(linesOf(written)[0]).toMatchObject({ type: 'audit.entry', event: 'user.pat.revoked', username: 'alice' })
    })

    it('seals what is left when it closes', async () => {
      start({})
      await writeAll(database.db, audit, [inOwnLog])
      await worker?.close()

      expect(await verifyAudit(database.db, [keys])).toMatchObject({ entries: 1, unsealed: 0 })
    })

    it('posts to a webhook until it is taken', async () => {
      const answers = [503, 302, 200]
      const requests: { headers: IncomingMessage['headers']; text: string }[] = []
      server = createServer((request, response) => {
        let text = ''
        request.on('data', (chunk) => (text += String(chunk)))
        request.on('end', () => {
          requests.push({ headers: request.headers, text })
          response.writeHead(answers.shift() ?? 200, { location: '/elsewhere' }).end('thank you')
        })
      })
      await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/audit`
      const onError = start({ webhook: { url, secret: 'a secret' } })
      await writeAll(database.db, audit, [inOwnLog])

      await vi.waitFor(() => expect(requests).toHaveLength(3), { timeout: 14_000 })
      expect(new Set(requests.map(({ text }) => text)).size).toBe(1)
      expect(onError.mock.calls.map(([error]) => String(error))).toEqual([
        'Error: the audit webhook answered 503',
        'Error: the audit webhook answered 302',
      ])

      const { headers, text } = requests[2] ?? { headers: {}, text: '' }
      const signed = `audit-1-1.${String(headers['webhook-timestamp'])}.${text}`
      expect(headers).toMatchObject({
        'content-type': 'application/x-ndjson; charset=utf-8',
        'webhook-id': 'audit-1-1',
        'webhook-signature': `v1,${createHmac('sha256', 'a secret').update(signed).digest('base64')}`,
      })
    }, 20_000)
  })

  describe('sinks', () => {
    it('reads the key of a secret that Standard Webhooks wrote', async () => {
      const key = Buffer.alloc(32, 9)
      const send = vi.fn<typeof fetch>().mockResolvedValue(new Response(null, { status: 204 }))
      const sink = webhookSink({ url: 'http://x.test', secret: `whsec_${key.toString('base64')}`, fetch: send })
      await sink.deliver({ id: 'audit-1-1', lines: [], text: '{}\n' }, never)

      const headers = new Headers(send.mock.calls[0]?.[1]?.headers)
      const signed = `audit-1-1.${headers.get('webhook-timestamp')}.{}\n`
      expect(headers.get('webhook-signature')).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
    })

    it('tells of a stream that is broken', async () => {
      const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('gone')) })
      broken.on('error', () => undefined)

      await expect(lineSink(broken).deliver({ id: 'x', lines: [], text: '' }, never)).rejects.toThrow('gone')
    })
  })
}
