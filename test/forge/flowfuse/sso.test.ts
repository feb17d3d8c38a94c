import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Introspection } from '../../../forge/contract/introspection.ts'
import type { CreatedToken } from '../../../forge/contract/token.ts'
import { startSidecar, type TestSidecar } from '../../support/sidecar.ts'
import { lastSignInCases } from './sso.cases.ts'

const DAY_MS = 86_400_000
const NOW = Date.parse('2026-11-25T12:00:00.000Z')

describe('a token of who signs in at FlowFuse through its single sign-on', () => {
  let sidecar: TestSidecar
  let alice: { number: number; id: string; cookie: string }
  let team: number
  let uuid: string

  beforeEach(async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
    sidecar = await startSidecar()
    const { database, flowfuse } = sidecar
    alice = await sidecar.createPerson('alice')
    await database.run(`UPDATE "Users" SET "sso_enabled" = $1 WHERE "id" = $2`, [1, alice.number])
    team = await database.createTeam('line-4')
    uuid = await database.createInstance(await database.createApplication(team, 'Packaging'), 'packer')
    await database.insertMember(team, alice.number, 50)
    flowfuse.tokens.set('fft_packer', uuid)
  })
  afterEach(async () => {
    vi.useRealTimers()
    await sidecar.close()
  })

  const as = (path: string, method: 'GET' | 'POST' = 'GET', payload?: object) =>
    sidecar.app.inject({
      method,
      url: `/pat${path}`,
      headers: { cookie: alice.cookie },
      ...(payload ? { payload } : {}),
    })

  async function mint(): Promise<CreatedToken> {
    const answer = await as('/api/v1/tokens', 'POST', {
      name: 'a token',
      role: 'member',
      readOnly: false,
      grants: [{ type: 'instance', id: sidecar.ids.instance.encode(uuid, team) }],
      expiresAt: new Date(NOW + 80 * DAY_MS).toISOString(),
    })
    expect(answer.statusCode).toBe(201)
    return answer.json<CreatedToken>()
  }
  async function introspect(token: string): Promise<Introspection> {
    const authorization = `Basic ${Buffer.from(`${uuid}:fft_packer`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await sidecar.app.inject({
      method: 'POST',
      url: '/pat/oauth/introspect',
      headers,
      payload: `token=${token}`,
    })
    return answer.json<Introspection>()
  }
  const signInAgain = (at: number) =>
    sidecar.database.insert('AuditLogs', {
      event: 'account.login',
      UserId: alice.number,
      body: '{}',
      createdAt: new Date(at).toISOString(),
    })

  it('rests thirty days after the last sign-in, and goes on after the next one', async () => {
    const { token } = await mint()
    expect(await introspect(token)).toMatchObject({ active: true, auth_time: NOW / 1_000 })

    vi.setSystemTime(NOW + 30 * DAY_MS - 1_000)
    expect(await introspect(token)).toMatchObject({ active: true })
    vi.setSystemTime(NOW + 30 * DAY_MS + 11_000)
    expect(await introspect(token)).toEqual({ active: false })

    await signInAgain(Date.now())
    vi.setSystemTime(NOW + 30 * DAY_MS + 22_000)
    expect(await introspect(token)).toMatchObject({ active: true })
  })

  it('is said to rest by the page, the explanation and the owners’ inventory alike, and by when to sign in', async () => {
    const { id } = await mint()
    const instanceId = sidecar.ids.instance.encode(uuid, team)
    const explain = async () => (await as(`/api/v1/tokens/${id}/explain`, 'POST', { instanceId })).json<object>()
    const inventory = async () =>
      (await as(`/api/v1/teams/${sidecar.ids.team.encode(team)}/tokens`)).json<{ tokens: object[] }>().tokens
    const signIns = async () => (await as('/api/v1/tokens/sign-ins')).json<object>()

    expect(await explain()).toMatchObject({ allowed: true })
    expect(await signIns()).toEqual({
      signIns: [{ provider: { id: 'flowfuse', name: 'FlowFuse' }, by: '2026-12-25T12:00:00.000Z', tokens: 1 }],
    })
    const live = await inventory()

    vi.setSystemTime(NOW + 31 * DAY_MS)
    expect(await explain()).toMatchObject({
      allowed: false,
      summary: 'The person has not signed in through FlowFuse within 30 days.',
    })
    expect(await inventory()).not.toEqual(live)
  })

  it('of somebody else, who has a password, goes by no sign-in', async () => {
    const { token } = await mint()
    await sidecar.database.run(`UPDATE "Users" SET "sso_enabled" = $1`, [0])
    vi.setSystemTime(NOW + 60 * DAY_MS)

    expect(await introspect(token)).toMatchObject({ active: true })
    expect((await introspect(token)) as object).not.toHaveProperty('auth_time')
  })

  it('ends with the membership that single sign-on takes away, at the next question', async () => {
    const { token } = await mint()
    expect(await introspect(token)).toMatchObject({ active: true })
    await sidecar.database.run('DELETE FROM "TeamMembers" WHERE "UserId" = $1', [alice.number])

    expect(await introspect(token)).toEqual({ active: false })
  })
})

lastSignInCases('sqlite')
