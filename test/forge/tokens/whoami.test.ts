import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { DEFAULT_POLICY } from '../../../forge/contract/policy.ts'
import type { AuditLogPage } from '../../../forge/contract/audit.ts'
import type { NoticePage } from '../../../forge/contract/notice.ts'
import type { WhoAmI } from '../../../forge/contract/whoami.ts'
import { createPolicies } from '../../../forge/policy/policy.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')

let forge: TestForge
let alice: TestUser
let team: { id: string; name: string }
let application: TestApplication
let instance: TestInstance

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  forge = await startForge({ settings: { limits: { whoami: { max: 3, windowSeconds: 60 } } } })
  alice = await createUser(forge, { username: 'alice' })
  team = await createTeam(forge, { name: 'Line 4', owner: await createUser(forge) })
  await addMember(forge, { team, user: alice, role: 'member' })
  application = await createApplication(forge, { team })
  instance = await createInstance(forge, { application, name: 'packer' })
})
afterEach(async () => {
  await forge.close()
  vi.useRealTimers()
})

const ask = (authorization?: string) =>
  forge.app.inject({ url: '/api/v1/whoami', headers: authorization === undefined ? {} : { authorization } })
const whoIs = async (token: string) => (await ask(`Bearer ${token}`)).json<WhoAmI>()

describe('GET /api/v1/whoami', () => {
  it('tells a token whose it is, what it is, and what it is worth where', async () => {
    const { id, token } = await mintToken(forge, { user: alice, instance, name: 'laptop', role: 'member' })
    const answer = await ask(`Bearer ${token}`)

    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json()).toEqual({
      user: { id: alice.id, username: 'alice', name: 'Alice' },
      token: { id, name: 'laptop', role: 'member', readOnly: true, tools: null, expiresAt: '2026-11-23T13:00:00.000Z' },
      instances: [
        {
          id: instance.id,
          name: 'packer',
          url: 'https://packer.example.com',
          team: { id: team.id, name: 'Line 4' },
          production: false,
          allowed: true,
          role: 'member',
          readOnly: true,
          mcpOnly: false,
          reason: null,
        },
      ],
      note: null,
    })
  })

  it('is not written down as a use', async () => {
    const { id, token } = await mintToken(forge, { user: alice, instance })
    await whoIs(token)

    const browser = await openBrowser(forge, alice)
    expect((await browser('GET', `/api/v1/tokens/${id}`)).json()).toMatchObject({ lastUse: null })
  })

  it('says what the role is worth now', async () => {
    const { token } = await mintToken(forge, { user: alice, instance, role: 'member' })
    await forge.store.Member.update({ roleLevel: 10 }, { where: { userId: alice.id } })

    expect((await whoIs(token)).instances).toMatchObject([{ allowed: true, role: 'viewer' }])
  })

  it('says that an owner has to approve it for production first', async () => {
    await forge.store.Instance.update({ production: true }, { where: { id: instance.id } })
    const policy = { ...DEFAULT_POLICY, productionNeedsApproval: true }
    await forge.db.transaction((transaction) => createPolicies(forge.db).save(team.id, policy, transaction))
    const { token } = await mintToken(forge, { user: alice, instance, reason: 'the night shift' })

    expect((await whoIs(token)).instances).toMatchObject([
      { production: true, allowed: false, role: null, reason: expect.stringContaining('has not approved') },
    ])
  })

  it('works with a token that reaches nothing any more', async () => {
    const { token } = await mintToken(forge, { user: alice, instance })
    await forge.store.Member.destroy({ where: { userId: alice.id } })

    expect(await whoIs(token)).toMatchObject({ user: { username: 'alice' }, instances: [], note: null })
  })

  it('lists fifty instances, and says how many it leaves out', async () => {
    const { id: applicationId } = application
    const more = Array.from({ length: 51 }, (_, n) => ({ applicationId, name: `i${n}`, url: 'https://i.example.com' }))
    await forge.store.Instance.bulkCreate(more)
    const { token } = await mintToken(forge, { user: alice, instance, grants: [{ type: 'team', id: team.id }] })

    const { instances, note } = await whoIs(token)
    expect(instances).toHaveLength(50)
    expect(note).toBe('It reaches 2 more instances, which are left out here.')
  })

  it.each([undefined, '', 'Basic YTpi', 'Bearer'])('asks for a token, without an error, given %j', async (header) => {
    const answer = await ask(header)

    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="forge"')
    expect(answer.json()).toMatchObject({ code: 'unauthorized' })
  })

  it.each<[string, (minted: { id: string; token: string }) => Promise<unknown>]>([
    ['revoked', async ({ id }) => (await openBrowser(forge, alice))('DELETE', `/api/v1/tokens/${id}`)],
    ['expired this very second', async () => vi.setSystemTime(NOW + 3_600_000)],
    ['retired', async ({ id }) => (await openBrowser(forge, alice))('POST', `/api/v1/tokens/${id}/rotate`, {})],
    ['of a suspended person', () => forge.store.User.update({ suspended: true }, { where: { id: alice.id } })],
  ])('refuses one that is %s like one that never was', async (_what, end) => {
    const minted = await mintToken(forge, { user: alice, instance })
    await end(minted)

    const refused = await ask(`Bearer ${minted.token}`)
    const unknown = await ask('Bearer junk')
    expect(refused.statusCode).toBe(401)
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer realm="forge", error="invalid_token", error_desc/)
    expect(refused.json()).toMatchObject({ code: 'invalid_token' })
    expect([refused.body, refused.headers['www-authenticate']]).toEqual([
      unknown.body,
      unknown.headers['www-authenticate'],
    ])
  })

  it('raises the alarm of a retired one as an instance does, and leaves its successor alone', async () => {
    const { id, token } = await mintToken(forge, { user: alice, instance, name: 'laptop' })
    const browser = await openBrowser(forge, alice)
    const rotated = (await browser('POST', `/api/v1/tokens/${id}/rotate`, {})).json<{ id: string; token: string }>()
    await ask(`Bearer ${token}`)
    await ask(`Bearer ${token}`)

    const alarm = { at: '2026-11-23T12:00:00.000Z', instanceId: null, instanceName: null, client: 'lightMyRequest' }
    expect((await browser('GET', `/api/v1/tokens/${id}`)).json()).toMatchObject({ state: 'retired', alarm })
    expect((await browser('GET', '/api/v1/notices')).json<NoticePage>().notices).toMatchObject([
      { kind: 'retired-token-used', body: { token: { id, name: 'laptop' }, instance: null, client: 'lightMyRequest' } },
    ])
    const { log } = (await browser('GET', '/api/v1/tokens/audit-log?event=user.pat.retired-used')).json<AuditLogPage>()
    expect(log).toMatchObject([{ username: 'alice', token: { id }, body: { instance: null } }])
    expect((await whoIs(rotated.token)).token).toMatchObject({ id: rotated.id })
  })

  it('is limited by address', async () => {
    const { token } = await mintToken(forge, { user: alice, instance })
    for (let n = 0; n < 3; n++) await ask(`Bearer ${token}`)

    const refused = await ask(`Bearer ${token}`)
    expect(refused.statusCode).toBe(429)
    expect(refused.headers).toMatchObject({ 'retry-after': '60', 'ratelimit-policy': '"whoami";q=3;w=60' })
  })
})
