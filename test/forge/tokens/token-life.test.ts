import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { AuditLogPage } from '../../../forge/contract/audit.ts'
import type { NoticePage } from '../../../forge/contract/notice.ts'
import type { CreatedToken, CreateToken, Token } from '../../../forge/contract/token.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  signIn,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

let forge: TestForge
let alice: TestUser
let team: { id: string }
let instance: TestInstance
let headers: { cookie: string }

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  forge = await startForge()
  alice = await createUser(forge, { username: 'alice' })
  team = await createTeam(forge)
  await addMember(forge, { team, user: alice, role: 'member' })
  instance = await createInstance(forge, { application: await createApplication(forge, { team }), name: 'packer' })
  headers = await signIn(forge, alice)
})
afterEach(async () => {
  await forge.close()
  vi.useRealTimers()
})

const mint = (change: Partial<CreateToken> = {}) =>
  mintToken(forge, {
    user: alice,
    instance,
    role: 'member',
    readOnly: false,
    expiresAt: new Date(NOW + 30 * DAY_MS).toISOString(),
    ...change,
  })

const call = (method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object, as = headers) =>
  forge.app.inject({ method, url: `/api/v1/tokens/${path}`, headers: as, ...(payload ? { payload } : {}) })
const rotate = (id: string, input: object = {}) => call('POST', `${id}/rotate`, input)
const show = async (id: string) => (await call('GET', id)).json<Token>()

async function isActive(token: string, client?: string): Promise<boolean> {
  const answer = await forge.app.inject({
    method: 'POST',
    url: '/oauth/introspect',
    headers: { authorization: `Bearer ${instance.credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token, ...(client ? { client, client_address: '192.0.2.7' } : {}) }).toString(),
  })
  return answer.json<{ active: boolean }>().active
}

describe('rotation', () => {
  it('gives a new token with the same restrictions for the same length of life, and ends the old one at once', async () => {
    const old = await mint()
    vi.setSystemTime(NOW + MINUTE_MS)
    const answer = await rotate(old.id)

    expect(answer.statusCode).toBe(201)
    const fresh = answer.json<CreatedToken>()
    const same = (token: Token) => ({
      role: token.role,
      readOnly: token.readOnly,
      grants: token.grants,
      name: token.name,
    })
    expect(same(fresh)).toEqual(same(old))
    expect(fresh.expiresAt).toBe(new Date(NOW + MINUTE_MS + 30 * DAY_MS).toISOString())
    expect(fresh.rotation.replaces).toBe(old.id)
    expect(await isActive(old.token)).toBe(false)
    expect(await isActive(fresh.token)).toBe(true)
    expect(await show(old.id)).toMatchObject({ state: 'retired', rotation: { replacedBy: fresh.id } })
  })

  it('lets the old one work until the last millisecond of its grace', async () => {
    const old = await mint()
    await rotate(old.id, { graceMinutes: 2 })
    expect(await show(old.id)).toMatchObject({ state: 'retiring' })

    vi.setSystemTime(NOW + 2 * MINUTE_MS - 1)
    expect(await isActive(old.token)).toBe(true)
    vi.setSystemTime(NOW + 2 * MINUTE_MS)
    expect(await isActive(old.token)).toBe(false)
  })

  it('never lets the old one outlive its own expiry', async () => {
    const old = await mint({ expiresAt: new Date(NOW + MINUTE_MS).toISOString() })
    await rotate(old.id, { graceMinutes: 60 })
    vi.setSystemTime(NOW + MINUTE_MS)
    expect(await isActive(old.token)).toBe(false)
  })

  it('ends the grace when the new one is first used, where that was wanted', async () => {
    const old = await mint()
    const fresh = (await rotate(old.id, { untilFirstUse: true })).json<CreatedToken>()
    vi.setSystemTime(NOW + 5 * MINUTE_MS)
    expect(await isActive(old.token)).toBe(true)

    expect(await isActive(fresh.token)).toBe(true)
    expect(await isActive(old.token)).toBe(false)
    expect((await show(old.id)).rotation.retiresAt).toBe(new Date(NOW + 5 * MINUTE_MS).toISOString())
  })

  it('ends the grace of every predecessor when an answer was lost and the rotation was repeated', async () => {
    const old = await mint()
    const lost = (await rotate(old.id, { untilFirstUse: true })).json<CreatedToken>()
    const fresh = (await rotate(lost.id, { untilFirstUse: true })).json<CreatedToken>()
    expect(await isActive(old.token)).toBe(true)

    expect(await isActive(fresh.token)).toBe(true)
    expect(await isActive(old.token)).toBe(false)
    expect(await isActive(lost.token)).toBe(false)
  })

  it('lets one of two at once win and answers 409 to the other', async () => {
    const { id } = await mint()
    const answers = await Promise.all([rotate(id), rotate(id)])
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409])
  })

  it.each(['expired', 'revoked', 'retired'])('refuses to rotate what is %s', async (state) => {
    const { id } = await mint({ expiresAt: new Date(NOW + MINUTE_MS).toISOString() })
    if (state === 'expired') vi.setSystemTime(NOW + MINUTE_MS)
    if (state === 'revoked') await forge.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers })
    if (state === 'retired') await rotate(id)

    const answer = await rotate(id)
    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({ code: 'conflict' })
  })

  it('is never more than the person is by then', async () => {
    const { id } = await mint()
    await forge.store.Member.update({ roleLevel: 10 }, { where: { userId: alice.id } })
    expect((await rotate(id)).json<CreatedToken>().role).toBe('viewer')
  })

  it('sheds no end that an owner has put to the old one, whatever was approved', async () => {
    const { Approval, Cut } = defineTokenModels(forge.db)
    const old = await mint()
    await Approval.create({ tokenId: old.id, teamId: team.id, state: 'approved', reason: '' })
    await Cut.create({ tokenId: old.id, scopeType: 'team', scopeId: team.id, cutBy: forge.admin.id })

    const fresh = (await rotate(old.id)).json<CreatedToken>()
    expect(await isActive(fresh.token)).toBe(false)
  })

  it('can be ended early', async () => {
    const old = await mint()
    await rotate(old.id, { graceMinutes: 60 })
    expect((await call('POST', `${old.id}/end-grace`)).statusCode).toBe(204)
    expect(await isActive(old.token)).toBe(false)
    expect((await call('POST', `${old.id}/end-grace`)).statusCode).toBe(409)
  })

  it.each([{ graceMinutes: -1 }, { graceMinutes: 1441 }, { graceMinutes: 1.5 }, { grace: 1 }])(
    'refuses %j',
    async (input) => {
      expect((await rotate((await mint()).id, input)).statusCode).toBe(400)
    },
  )
})

describe('a retired token that is used', () => {
  it('is refused, marks itself and tells its owner, and leaves its successor alone', async () => {
    const old = await mint()
    const fresh = (await rotate(old.id)).json<CreatedToken>()
    expect(await isActive(old.token, 'curl/8.0')).toBe(false)

    expect((await show(old.id)).alarm).toMatchObject({ instanceName: 'packer', client: 'curl/8.0' })
    const notices = await forge.app.inject({ method: 'GET', url: '/api/v1/notices', headers })
    expect(notices.json<NoticePage>().notices).toMatchObject([{ kind: 'retired-token-used' }])
    expect(await isActive(fresh.token)).toBe(true)
  })

  it('was me: the mark goes', async () => {
    const old = await mint()
    await rotate(old.id)
    await isActive(old.token)
    expect((await call('POST', `${old.id}/dismiss-alarm`)).statusCode).toBe(204)
    expect((await show(old.id)).alarm).toBeNull()
  })

  it('was not me: the whole family goes', async () => {
    const old = await mint()
    const fresh = (await rotate(old.id)).json<CreatedToken>()
    expect((await call('POST', `${old.id}/revoke-family`)).statusCode).toBe(204)
    expect(await isActive(fresh.token)).toBe(false)
    expect(await show(fresh.id)).toMatchObject({ state: 'revoked', endReason: 'family_revoked' })
  })
})

describe('PATCH', () => {
  it('narrows freely, also long after the sign-in', async () => {
    const { id } = await mint()
    vi.setSystemTime(NOW + 60 * MINUTE_MS)
    const sooner = new Date(NOW + DAY_MS).toISOString()
    const answer = await call('PATCH', id, { role: 'viewer', readOnly: true, expiresAt: sooner, name: 'Narrow' })

    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ role: 'viewer', readOnly: true, expiresAt: sooner, name: 'Narrow' })
  })

  it('of what it is already changes nothing, and is in no log', async () => {
    const { id } = await mint({ role: 'viewer' })
    const answer = await call('PATCH', id, { role: 'viewer', grants: [{ type: 'instance', id: instance.id }] })

    expect(answer.statusCode).toBe(200)
    expect((await call('GET', `${id}/audit-log?event=user.pat.updated`)).json<AuditLogPage>().log).toEqual([])
  })

  it('takes an instance out of a team for narrowing', async () => {
    const { id } = await mint({ grants: [{ type: 'team', id: team.id }] })
    vi.setSystemTime(NOW + 60 * MINUTE_MS)
    expect((await call('PATCH', id, { grants: [{ type: 'instance', id: instance.id }] })).statusCode).toBe(200)
  })

  it.each([
    ['a higher cap', { role: 'member' }],
    ['writing', { readOnly: false }],
    ['a later end', { expiresAt: new Date(NOW + 60 * DAY_MS).toISOString() }],
  ])('takes %s for widening: it wants a fresh sign-in', async (_, change) => {
    const { id } = await mint({ role: 'viewer', readOnly: true })
    vi.setSystemTime(NOW + 10 * MINUTE_MS)
    const stale = await call('PATCH', id, change)
    expect(stale.statusCode).toBe(403)
    expect(stale.json()).toMatchObject({ code: 'reauthentication_required' })

    expect((await call('PATCH', id, change, await signIn(forge, alice))).statusCode).toBe(200)
  })

  it('tells each team what reaches it, and nothing of the others', async () => {
    const owner = await createUser(forge)
    const elsewhere = await createTeam(forge, { owner })
    const other = await createInstance(forge, { application: await createApplication(forge, { team: elsewhere }) })
    await addMember(forge, { team: elsewhere, user: alice, role: 'viewer' })
    const grantsTo = (...ids: string[]) => ids.map((id) => ({ type: 'instance' as const, id }))

    const { id } = await mint({ grants: grantsTo(instance.id, other.id) })
    await call('PATCH', id, { role: 'viewer', grants: grantsTo(other.id) })

    const log = await forge.app.inject({
      url: `/api/v1/teams/${elsewhere.id}/audit-log?event=user.pat.updated`,
      headers: await signIn(forge, owner),
    })
    expect(log.json<AuditLogPage>().log[0]?.body).toEqual({
      widened: false,
      updates: [{ key: 'role', old: 'member', new: 'viewer' }],
    })
    expect((await call('GET', `${id}/audit-log?event=user.pat.updated`)).body).toContain(instance.id)
  })

  it('refuses to widen over the own role', async () => {
    const { id } = await mint()
    expect((await call('PATCH', id, { role: 'owner' })).json()).toMatchObject({ code: 'role_too_high' })
  })

  it('refuses to change what has ended, and what is not mine', async () => {
    const { id } = await mint()
    const bob = await signIn(forge, await createUser(forge))
    expect((await call('PATCH', id, { name: 'x' }, bob)).statusCode).toBe(404)
    await rotate(id)
    expect((await call('PATCH', id, { name: 'x' })).statusCode).toBe(409)
  })
})

describe('minting and rotating', () => {
  it('want a sign-in within the last ten minutes', async () => {
    const { id } = await mint()
    vi.setSystemTime(NOW + 10 * MINUTE_MS - 1)
    expect((await rotate(id)).statusCode).toBe(201)
    vi.setSystemTime(NOW + 10 * MINUTE_MS)
    expect((await rotate(id)).json()).toMatchObject({ code: 'reauthentication_required' })
  })

  it('let a person at their number of tokens rotate each, and hold no more in their grace than that', async () => {
    await forge.close()
    forge = await startForge({ settings: { maxTokensPerUser: 2 } })
    alice = await createUser(forge, { username: 'alice' })
    team = await createTeam(forge)
    await addMember(forge, { team, user: alice, role: 'member' })
    instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
    headers = await signIn(forge, alice)
    const [first, second] = [await mint(), await mint()]
    await expect(mint()).rejects.toThrow(/409.*as many as one person may/)

    const successor = (await rotate(first.id, { graceMinutes: 1 })).json<CreatedToken>()
    expect((await rotate(second.id, { untilFirstUse: true })).statusCode).toBe(201)
    expect((await rotate(successor.id, { graceMinutes: 1 })).json()).toMatchObject({ code: 'too_many_tokens' })
    await expect(mint()).rejects.toThrow(/409/)

    vi.setSystemTime(NOW + MINUTE_MS)
    const again = await Promise.all([1, 2].map(() => rotate(successor.id, { graceMinutes: 1 })))
    expect(again.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409])
    const { id } = again.find(({ statusCode }) => statusCode === 201)?.json<CreatedToken>() ?? { id: '' }
    // Without a grace there is nothing to hold.
    expect((await rotate(id)).statusCode).toBe(201)
  })

  it('stop at fifty live tokens', async () => {
    for (let i = 0; i < 50; i++) await mint({ expiresAt: new Date(NOW + MINUTE_MS).toISOString() })
    await expect(mint()).rejects.toThrow(/409.*as many as one person may/)

    vi.setSystemTime(NOW + MINUTE_MS)
    expect((await mint()).state).toBe('active')
  })
})
