import type { FastifyRequest } from 'fastify'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { createFlowFuseCredentials } from '../../../forge/flowfuse/credentials.ts'
import { createFlowFuse } from '../../../forge/flowfuse/flowfuse.ts'
import { openFlowFuseDatabase } from '../../../forge/flowfuse/open-database.ts'
import { createFlowFuseSessions, type FlowFuseSessions } from '../../../forge/flowfuse/sessions.ts'
import { createFlowFuseStore, type FlowFuseStore } from '../../../forge/flowfuse/store.ts'
import { createFlowFuseDatabase, PLATFORM_ID, type FlowFuseDatabase } from '../../support/flowfuse-database.ts'
import { startFlowFuseServer, type FlowFuseServer } from '../../support/flowfuse-server.ts'

const clock = { ms: 1_800_000_000_000 }
let flowfuse: FlowFuseServer

beforeEach(async () => {
  flowfuse = await startFlowFuseServer()
})
afterEach(() => flowfuse.close())

/** Pages of another server, or FlowFuse's own where it does not know the address. */
const A_PAGE = { status: 200, body: '<!doctype html>', headers: { 'content-type': 'text/html' } }
const NO_ANSWERS = [
  A_PAGE,
  { status: 302, body: '', headers: { location: 'https://elsewhere.example.com' } },
  { status: 403, body: '{}' },
  { status: 404, body: '{}' },
  { status: 429, body: '{}' },
  { status: 500, body: '{}' },
  { status: 502, body: '<html>' },
]

describe('a browser', () => {
  let database: FlowFuseDatabase
  let store: FlowFuseStore
  let sessions: FlowFuseSessions
  let alice: { number: number; id: string }

  beforeEach(async () => {
    database = await createFlowFuseDatabase('old', 'sqlite')
    store = createFlowFuseStore(await openFlowFuseDatabase(database.url), PLATFORM_ID, 'https://flowfuse.example.com')
    const number = await database.createUser('alice')
    alice = { number, id: store.ids.user.encode(number) }
    sessions = createFlowFuseSessions({ store, flowfuse: createFlowFuse(flowfuse.url), now: () => clock.ms })
    flowfuse.users.set('abc.def', { id: alice.id, email_verified: true, suspended: false })
  })
  afterEach(async () => {
    await store.db.close()
    await database.cleanup()
  })

  const request = (method: string, headers: Record<string, string>) =>
    ({ method, headers, ip: '192.0.2.7' }) as unknown as FastifyRequest
  const ask = (method = 'GET', cookie = 'sid=abc.def') => sessions.personOf(request(method, { cookie }))

  it('is known by the cookie of FlowFuse, of which FlowFuse gets the cookie and an address to count by', async () => {
    const person = await sessions.personOf(
      request('GET', {
        cookie: 'other=1; sid=abc.def; last=2',
        authorization: 'Bearer x',
        'x-forwarded-for': '1.2.3.4',
      }),
    )

    expect(person).toMatchObject({ userId: alice.id, username: 'alice', name: 'Alice', admin: false })
    expect(flowfuse.asked).toHaveLength(1)
    expect(flowfuse.asked[0]?.headers).toMatchObject({ cookie: 'sid=abc.def', 'x-real-ip': '192.0.2.7' })
    expect(Object.keys(flowfuse.asked[0]?.headers ?? {})).not.toContain('authorization')
    expect(Object.keys(flowfuse.asked[0]?.headers ?? {})).not.toContain('x-forwarded-for')
    expect(person?.sessionId).not.toContain('abc')
  })

  it('is nobody without that cookie, and FlowFuse is not asked', async () => {
    for (const cookie of ['', 'other=1', 'sid=', 'xsid=abc.def', 'sid=a b']) expect(await ask('GET', cookie)).toBeNull()

    expect(flowfuse.asked).toEqual([])
  })

  it('is asked about again after ten seconds, and for everything that writes', async () => {
    await ask()
    clock.ms += 9_000
    await ask()
    expect(flowfuse.asked).toHaveLength(1)

    await ask('POST')
    await ask('DELETE')
    expect(flowfuse.asked).toHaveLength(3)
    clock.ms += 10_001
    await ask()
    expect(flowfuse.asked).toHaveLength(4)
  })

  it('is nobody once FlowFuse says so, at once where something is written', async () => {
    await ask()
    flowfuse.users.clear()

    expect(await ask('POST')).toBeNull()
    clock.ms += 10_001
    expect(await ask()).toBeNull()
  })

  it.each([{ password_expired: true }, { email_verified: false }, { suspended: true }])(
    'is nobody while FlowFuse says %j',
    async (flags) => {
      flowfuse.users.set('abc.def', { id: alice.id, email_verified: true, ...flags })

      expect(await ask()).toBeNull()
    },
  )

  it.each([
    [false, true],
    [true, false],
    [{ smtp: {} }, false],
  ])('needs no confirmed address where FlowFuse sends no e-mail: with %j that is %j', async (email, letIn) => {
    flowfuse.users.set('abc.def', { id: alice.id, email_verified: false })
    flowfuse.email = email

    expect((await ask()) !== null).toBe(letIn)
    expect(flowfuse.asked.map(({ headers }) => headers.cookie)).toEqual(['sid=abc.def', 'sid=abc.def'])
  })

  it('is nobody when the person is suspended or gone in the database', async () => {
    await database.run('UPDATE "Users" SET "suspended" = 1')
    expect(await ask()).toBeNull()
    await database.run('DELETE FROM "Users"')
    expect(await ask()).toBeNull()
  })

  it.each(NO_ANSWERS)('is not guessed at when the answer is $status', async (instead) => {
    flowfuse.instead = instead

    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is not guessed at when FlowFuse is down', async () => {
    await flowfuse.close()

    await expect(ask()).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 5 })
  })

  it('has last proved who it is when the person last signed in at FlowFuse', async () => {
    expect(await ask('POST')).toMatchObject({ authenticatedAt: 0 })

    const signIn = { event: 'account.login', UserId: alice.number, body: '{}', createdAt: '2026-11-25T02:00:00.000Z' }
    await database.insert('AuditLogs', signIn)
    const failed = { ...signIn, body: '{"error":{"code":"unauthorized"}}', createdAt: '2026-11-25T02:30:00.000Z' }
    await database.insert('AuditLogs', failed)
    await database.insert('AuditLogs', { ...failed, event: 'account.logout', body: '{}' })
    await database.insert('AuditLogs', { ...failed, UserId: alice.number + 1, body: '{}' })

    expect(await ask('POST')).toMatchObject({ authenticatedAt: Date.parse('2026-11-25T02:00:00.000Z') })
  })

  it('has proved it with a second factor when a session says so, and never by a session alone', async () => {
    const session = { sid: 'a', UserId: alice.number, mfa_verified: 0, createdAt: '2026-11-25T02:00:00.000Z' }
    const insert = (row: typeof session) =>
      database.run('INSERT INTO "Sessions" ("sid", "UserId", "mfa_verified", "createdAt") VALUES ($1, $2, $3, $4)', [
        row.sid,
        row.UserId,
        row.mfa_verified,
        row.createdAt,
      ])
    await insert(session)
    expect(await ask('POST')).toMatchObject({ authenticatedAt: 0 })

    await insert({ ...session, sid: 'b', mfa_verified: 1, createdAt: '2026-11-25T01:00:00.000Z' })
    expect(await ask('POST')).toMatchObject({ authenticatedAt: Date.parse('2026-11-25T01:00:00.000Z') })
  })
})

describe('an instance', () => {
  const packer = '1c1ad5c6-8e33-4b6f-9d3f-0d5d3f6a4f10'
  const other = '1c1ad5c6-8e33-4b6f-9d3f-0d5d3f6a4f11'
  const start = () =>
    createFlowFuseCredentials(
      createFlowFuse(flowfuse.url),
      async (uuid) => uuid,
      () => clock.ms,
    )

  beforeEach(() => void flowfuse.tokens.set('fft_packer', packer))

  it('is the one that FlowFuse says its token is for', async () => {
    const credentials = start()

    expect(await credentials.authenticate({ secret: 'fft_packer', claimedInstanceId: packer })).toBe(packer)
    expect(await credentials.authenticate({ secret: 'fft_packer', claimedInstanceId: other })).toBeNull()
    expect(await credentials.authenticate({ secret: 'fft_other', claimedInstanceId: packer })).toBeNull()
    expect(Object.keys(flowfuse.asked[0]?.headers ?? {})).not.toContain('cookie')
  })

  it('is nobody when it does not say which it is, or says what is no instance', async () => {
    const credentials = start()
    expect(await credentials.authenticate({ secret: 'fft_packer' })).toBeNull()
    for (const claimedInstanceId of ['', '..', '../../api/v1/user', `${packer}/..`, `${packer}?x=`]) {
      expect(await credentials.authenticate({ secret: 'fft_packer', claimedInstanceId })).toBeNull()
    }
    expect(await credentials.authenticate({ secret: 'fft_\r\nx: y', claimedInstanceId: packer })).toBeNull()

    expect(flowfuse.asked).toEqual([])
  })

  it('is counted by its credential, so that who tries others spends nothing of what it has', async () => {
    const credentials = start()
    for (const secret of ['fft_packer', 'fft_wrong', 'fft_packer']) {
      await credentials.authenticate({ secret, claimedInstanceId: packer })
      clock.ms += 10_001
    }

    // Of a yes FlowFuse is asked twice.
    const [one, nobody, wrong, again] = flowfuse.asked.map(({ headers }) => headers['x-real-ip'])
    expect([nobody, again]).toEqual([one, one])
    expect(wrong).not.toBe(one)
    expect(String(one)).not.toContain('packer')
  })

  it('is asked about again after ten seconds', async () => {
    const credentials = start()
    await credentials.authenticate({ secret: 'fft_packer', claimedInstanceId: packer })
    flowfuse.tokens.clear()

    expect(await credentials.authenticate({ secret: 'fft_packer', claimedInstanceId: packer })).toBe(packer)
    clock.ms += 10_001
    expect(await credentials.authenticate({ secret: 'fft_packer', claimedInstanceId: packer })).toBeNull()
  })

  it('is asked about again as soon by a clock that was set back', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    vi.advanceTimersByTime(1_000)
    const credentials = createFlowFuseCredentials(createFlowFuse(flowfuse.url), async (uuid) => uuid)
    await credentials.authenticate({ secret: 'fft_packer', claimedInstanceId: packer })
    flowfuse.tokens.clear()

    vi.setSystemTime(Date.now() - 3_600_000)
    vi.advanceTimersByTime(10_001)
    expect(await credentials.authenticate({ secret: 'fft_packer', claimedInstanceId: packer })).toBeNull()
  })

  it('is not known by what says yes to everybody', async () => {
    flowfuse.instead = { status: 200, body: '' }

    await expect(start().authenticate({ secret: 'fft_packer', claimedInstanceId: packer })).rejects.toMatchObject({
      code: 'unavailable',
    })
    const [real, nobody] = flowfuse.asked.map(({ headers }) => headers.authorization)
    expect([real, nobody]).toEqual(['Bearer fft_packer', expect.stringMatching(/^Bearer fft_[\w-]{43}$/)])
  })

  it.each([...NO_ANSWERS, { status: 200, body: '{}' }, { status: 200, body: 'null' }])(
    'is not guessed at when the answer is $status $body',
    async (instead) => {
      flowfuse.instead = instead

      await expect(start().authenticate({ secret: 'fft_packer', claimedInstanceId: packer })).rejects.toMatchObject({
        code: 'unavailable',
      })
    },
  )
})
