import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Explanation, Preview } from '../../../forge/contract/explain.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  setOverride,
  signIn,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')

let forge: TestForge
let alice: TestUser
let team: { id: string }
let application: TestApplication
let instance: TestInstance
let headers: { cookie: string }

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-03T12:00:00.000Z') })
  forge = await startForge()
  alice = await createUser(forge)
  team = await createTeam(forge, { name: 'Line 4' })
  await addMember(forge, { team, user: alice, role: 'member' })
  application = await createApplication(forge, { team })
  instance = await createInstance(forge, { application, name: 'packer' })
  vi.setSystemTime(NOW)
  headers = await signIn(forge, alice)
})
afterEach(async () => {
  await forge.close()
  vi.useRealTimers()
})

const mint = () => mintToken(forge, { user: alice, instance, role: 'member', readOnly: false })
const explain = (id: string, body: object, as = headers) =>
  forge.app.inject({ method: 'POST', url: `/api/v1/tokens/${id}/explain`, headers: as, payload: body })
const preview = async (change: object = {}) => {
  const payload = {
    role: 'member',
    readOnly: false,
    grants: [{ type: 'team', id: team.id }],
    expiresAt: new Date(NOW + 86_400_000).toISOString(),
    ...change,
  }
  const answer = await forge.app.inject({ method: 'POST', url: '/api/v1/tokens/preview', headers, payload })
  expect(answer.statusCode).toBe(200)
  return answer.json<Preview>()
}

describe('explain', () => {
  it('gives every rule in its order when all hold', async () => {
    const { id } = await mint()
    const answer = (await explain(id, { instanceId: instance.id })).json<Explanation>()

    expect(answer).toMatchObject({
      instance: { id: instance.id, name: 'packer' },
      allowed: true,
      role: 'member',
      summary: 'It works there as member.',
    })
    expect(answer.rules[0]).toEqual({ rule: 'token_not_revoked', holds: true, reason: null })
    expect(answer.rules.every(({ holds }) => holds)).toBe(true)
  })

  it('says since when a role caps it', async () => {
    const { id } = await mint()
    await setOverride(forge, { application, user: alice, role: 'viewer' })
    const answer = (await explain(id, { instanceId: instance.id })).json<Explanation>()
    expect(answer.summary).toBe(
      'It works there as viewer. It is capped: you are viewer in Line 4 since 23 November 2026.',
    )
  })

  it('ends with the rule that refuses', async () => {
    const { id } = await mint()
    await forge.store.Member.destroy({ where: { userId: alice.id } })
    const answer = (await explain(id, { instanceId: instance.id })).json<Explanation>()

    expect(answer).toMatchObject({ allowed: false, role: null, summary: 'The person is no member of the team.' })
    expect(answer.rules.at(-1)).toEqual({
      rule: 'team_member',
      holds: false,
      reason: 'The person is no member of the team.',
    })
  })

  it('answers about a tool by its hints', async () => {
    const { id } = await mint()
    const about = async (tool: object) => (await explain(id, { instanceId: instance.id, tool })).json<Explanation>()
    expect((await about({ destructiveHint: false })).allowed).toBe(true)
    expect(await about({})).toMatchObject({
      allowed: false,
      summary: 'The tool in question needs the role owner; this token counts as member here.',
    })
  })

  it("tells nothing of another person's token, nor of an instance that is none of theirs", async () => {
    const { id } = await mint()
    const stranger = await signIn(forge, await createUser(forge))
    expect((await explain(id, { instanceId: instance.id }, stranger)).statusCode).toBe(404)

    const elsewhere = await createApplication(forge, { team: await createTeam(forge) })
    const foreign = await createInstance(forge, { application: elsewhere })
    const [exists, not] = [await explain(id, { instanceId: foreign.id }), await explain(id, { instanceId: 'nothing' })]
    expect(exists.statusCode).toBe(404)
    expect(exists.body).toBe(not.body)
  })

  it('agrees with introspection', async () => {
    const { id, token } = await mint()
    const introspect = async () => {
      const answer = await forge.app.inject({
        method: 'POST',
        url: '/oauth/introspect',
        headers: {
          authorization: `Bearer ${instance.credential}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        payload: new URLSearchParams({ token }).toString(),
      })
      return answer.json<{ roles: string[] }>().roles
    }
    for (const roleLevel of [50, 30, 10, 5]) {
      await forge.store.Member.update({ roleLevel }, { where: { userId: alice.id } })
      const { role } = (await explain(id, { instanceId: instance.id })).json<Explanation>()
      // An explanation is read fresh; of a change by hand introspection hears within a second.
      await eventually(async () => expect(await introspect()).toEqual([role]))
    }
  })
})

describe('preview', () => {
  it('says what the token would be worth at each instance, and writes nothing', async () => {
    const answer = await preview()
    expect(answer).toMatchObject({
      refusal: null,
      approvals: [],
      instances: [{ instance: { id: instance.id, name: 'packer' }, allowed: true, role: 'member' }],
    })
    const list = await forge.app.inject({ method: 'GET', url: '/api/v1/tokens', headers })
    expect(list.json<{ count: number }>().count).toBe(0)
  })

  it.each([
    [{ role: 'owner' }, 'role_too_high'],
    [{ expiresAt: null }, 'policy_refused'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'invalid_expiry'],
    [{ grants: [{ type: 'team', id: 'elsewhere' }] }, 'not_found'],
  ])('says of %j what minting would answer: %s', async (change, code) => {
    expect((await preview(change)).refusal?.code).toBe(code)
  })
})
