import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { formatToken, parseToken } from '../../../forge/contract/token-format.ts'
import type { LimitOptions } from '../../../forge/limits/limits.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')

let database: TestDatabase
let forge: TestForge
let alice: TestUser
let instance: TestInstance

const start = (limits: LimitOptions = {}) =>
  startForge({ db: database.db, empty: true, settings: { limits }, trustProxy: true })

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  database = await createTestDatabase()
  forge = await start()
  alice = await createUser(forge, { username: 'alice' })
  const team = await createTeam(forge, { name: 'Line 4', owner: alice })
  instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
})
afterEach(async () => {
  await forge.close()
  await database.cleanup()
  vi.useRealTimers()
})

function report(tokens: unknown, from = '192.0.2.1') {
  return forge.app.inject({
    method: 'POST',
    url: '/api/v1/credentials/revoke',
    headers: { 'x-forwarded-for': from },
    payload: { tokens },
  })
}

/** Reports, and lets the forge finish what it took by stopping it. */
async function reportAndFinish(tokens: string[]): Promise<void> {
  await report(tokens)
  await forge.close()
  forge = await start()
}

const mint = (name = 'a token') => mintToken(forge, { user: alice, instance, name })
const browse = async <T>(path: string) => (await (await openBrowser(forge, alice))('GET', path)).json<T>()

interface Entry {
  event: string
  source: string
  address: string
  scope: { type: string; name: string }
  body: object
}
const leakEntries = async () =>
  (await browse<{ log: Entry[] }>('/api/v1/tokens/audit-log')).log
    .filter(({ event }) => ['user.pat.leak-reported', 'user.pat.revoked'].includes(event))
    .reverse()
const notices = async () => (await browse<{ notices: { kind: string; body: object }[] }>('/api/v1/notices')).notices

describe('POST /api/v1/credentials/revoke', () => {
  it('revokes what is alive, and tells its owner where that came from', async () => {
    const { id, token } = await mint('laptop')
    await reportAndFinish([token])

    expect(await browse(`/api/v1/tokens/${id}`)).toMatchObject({
      state: 'revoked',
      endReason: 'leaked',
      revokedAt: '2026-11-23T12:00:00.000Z',
    })
    expect(await notices()).toMatchObject([
      {
        kind: 'token-leaked',
        body: { token: { id, name: 'laptop' }, at: '2026-11-23T12:00:00.000Z', source: 'holder', url: null },
      },
    ])
  })

  it('writes both entries, with the address of who reported, into the logs of the owner and of the team', async () => {
    const { token } = await mint()
    await reportAndFinish([token])

    expect(await leakEntries()).toMatchObject([
      { event: 'user.pat.leak-reported', source: 'api', address: '192.0.2.1', body: { source: 'holder', url: null } },
      { event: 'user.pat.revoked', body: { reason: 'leaked' } },
    ])
    const teamId = (await forge.store.Team.findOne({ rejectOnEmpty: true })).id
    const { log } = await browse<{ log: Entry[] }>(`/api/v1/teams/${teamId}/audit-log`)
    expect(log.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['user.pat.leak-reported', 'user.pat.revoked']),
    )
  })

  it('answers the same for junk, unknown, dead and living ones', async () => {
    const { token } = await mint()
    const parts = parseToken(token)
    const wrong = formatToken({ selector: parts?.selector ?? '', secret: 'x'.repeat(43) })
    const answers = [await report([token]), await report([token]), await report(['junk']), await report([wrong])]

    for (const answer of answers) {
      expect(answer.statusCode).toBe(202)
      expect(answer.body).toBe('{"accepted":true}')
    }
    expect(new Set(answers.map(({ headers }) => headers['content-length'])).size).toBe(1)
  })

  it('raises it once, however often the same text is reported', async () => {
    const { token } = await mint()
    await reportAndFinish([token, token])
    await reportAndFinish([token])

    expect(await leakEntries()).toHaveLength(2)
    expect(await notices()).toHaveLength(1)
  })

  it('raises it for a retired token too, and leaves the one that replaced it alone', async () => {
    const { id, token } = await mint()
    const rotated = await (await openBrowser(forge, alice))('POST', `/api/v1/tokens/${id}/rotate`, {})
    await reportAndFinish([token])

    expect(await notices()).toMatchObject([{ kind: 'token-leaked', body: { token: { id } } }])
    expect(await browse(`/api/v1/tokens/${rotated.json<{ id: string }>().id}`)).toMatchObject({ state: 'active' })
  })

  it('changes nothing about a token that expired this very second, or was revoked', async () => {
    const expired = await mint()
    const revoked = await mint()
    await (
      await openBrowser(forge, alice)
    )('DELETE', `/api/v1/tokens/${revoked.id}`)
    vi.setSystemTime(NOW + 3_600_000)
    await reportAndFinish([expired.token, revoked.token])

    expect(await notices()).toEqual([])
    expect(await browse(`/api/v1/tokens/${expired.id}`)).toMatchObject({ state: 'expired', endReason: null })
    expect(await browse(`/api/v1/tokens/${revoked.id}`)).toMatchObject({ endReason: 'by_owner' })
  })

  it('finishes what it took when the forge stops', async () => {
    const minted = await Promise.all(Array.from({ length: 10 }, () => mint()))
    await reportAndFinish(minted.map(({ token }) => token))

    const { tokens } = await browse<{ tokens: { endReason: string }[] }>('/api/v1/tokens')
    expect(tokens.map(({ endReason }) => endReason)).toEqual(Array(10).fill('leaked'))
  })

  it.each([[[]], [Array(101).fill('x')], [['x'.repeat(256)]], [[7]], ['x']])('refuses %j', async (tokens) => {
    expect((await report(tokens)).statusCode).toBe(400)
  })

  it('is limited by address', async () => {
    await forge.close()
    forge = await start({ leakReport: { max: 1, windowSeconds: 60 } })

    const answers = [await report(['x']), await report(['x']), await report(['x'], '192.0.2.2')]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 429, 202])
    expect(answers[1]?.headers).toMatchObject({ 'retry-after': '60', ratelimit: '"leak-report";r=0;t=60' })
  })
})
