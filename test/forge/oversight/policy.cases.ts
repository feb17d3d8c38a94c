import { expect, it, vi } from 'vitest'

import type { PolicyImpact } from '../../../forge/contract/oversight.ts'
import { DEFAULT_POLICY, type TokenPolicy } from '../../../forge/contract/policy.ts'
import { addMember, createInstance, createUser, openBrowser } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { addTeam, DAY_MS, introspect, logOf, mint, noticesOf, NOW, useWorld } from './scene.ts'

const MINUTE_MS = 60_000

/** What the owners of a team say of tokens, on whichever database. */
export function policyCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  const path = () => `/api/v1/teams/${world.team.id}/token-policy`
  const save = (change: object, browser = world.owner) => browser('PUT', path(), { ...DEFAULT_POLICY, ...change })
  const tryOut = async (change: Partial<TokenPolicy>) =>
    (await world.owner('PUT', `${path()}?dryRun=true`, { ...DEFAULT_POLICY, ...change })).json<PolicyImpact>()

  it('is the default until an owner saves one', async () => {
    const answer = await world.owner('GET', path())

    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual(DEFAULT_POLICY)
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('is found by owners alone', async () => {
    for (const browser of [world.member, world.stranger]) {
      const answers = [await browser('GET', path()), await save({}, browser)]
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404])
    }
    expect((await (await openBrowser(world.forge))('GET', path())).statusCode).toBe(401)
  })

  it('is saved whole, holds at the next use, and stands in the audit with what changed', async () => {
    const { token } = await mint(world)
    const answer = await save({ maxRole: 'viewer', readOnlyOnly: true })

    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { ...DEFAULT_POLICY, maxRole: 'viewer', readOnlyOnly: true },
    ])
    expect((await world.owner('GET', path())).json()).toEqual(answer.json())
    expect(await introspect(world, world.instance, token)).toMatchObject({ roles: ['viewer'], scope: 'mcp:read' })
    const [entry] = await logOf(world.owner, `teams/${world.team.id}/audit-log`)
    expect(entry).toMatchObject({
      event: 'team.tokenPolicy.updated',
      username: 'olga',
      body: {
        updates: [
          { key: 'maxRole', old: 'owner', new: 'viewer' },
          { key: 'readOnlyOnly', old: false, new: true },
        ],
      },
    })
  })

  it('writes nothing when nothing changes, whatever the order of a list', async () => {
    const grantTypes = [...DEFAULT_POLICY.grantTypes].reverse()

    expect((await save({ grantTypes })).statusCode).toBe(200)
    expect(await logOf(world.owner, `teams/${world.team.id}/audit-log`)).toEqual([])
  })

  it('wants a fresh sign-in to be saved, and none to be tried', async () => {
    vi.setSystemTime(NOW + 10 * MINUTE_MS)

    const answer = await save({ enabled: false })
    expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'reauthentication_required' }])
    expect(await tryOut({ enabled: false })).toMatchObject({ tokens: 0 })
    expect((await world.owner('GET', path())).json()).toEqual(DEFAULT_POLICY)
  })

  it.each([
    { enabled: 'yes' },
    { maxLifetimeDays: 0 },
    { maxLifetimeDays: 367 },
    { maxRole: 'admin' },
    { grantTypes: [] },
    { grantTypes: ['team', 'team'] },
    { ssoFreshnessDays: 0 },
    { more: 1 },
  ])('refuses %j', async (change) => {
    const answer = await save(change)
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: 'invalid_request' }])
  })

  it('refuses a policy that is not whole', async () => {
    expect((await world.owner('PUT', path(), { enabled: false })).statusCode).toBe(400)
  })

  it('says before it is saved who and what it would affect, and saves nothing', async () => {
    const carol = await createUser(world.forge, { username: 'carol' })
    await addMember(world.forge, { team: world.team, user: carol, role: 'viewer' })
    const stops = await mint(world, { name: 'Wide', grants: [{ type: 'team', id: world.team.id }] })
    await mint(world, { name: 'Writer' })
    await mint(world, { user: carol, role: 'viewer', readOnly: true, name: 'Reader' })

    const impact = await tryOut({ grantTypes: ['instance'], readOnlyOnly: true })

    expect(impact).toMatchObject({ tokens: 2, people: 1, stoppedNow: 1, limitedNow: 1, widenedNow: 0 })
    expect(impact.examples).toMatchObject([
      {
        token: { id: stops.id, name: 'Wide' },
        holder: { username: 'alice' },
        effect: 'stopped',
        reason: 'The team does not allow tokens to name what they reach in this way.',
      },
      { token: { name: 'Writer' }, effect: 'limited', reason: null },
    ])
    expect((await world.owner('GET', path())).json()).toEqual(DEFAULT_POLICY)
    expect(await introspect(world, world.instance, stops.token)).toMatchObject({ active: true })
  })

  it('counts a token that stops at some instances only as limited', async () => {
    const { forge, application, team } = world
    const live = await createInstance(forge, { application })
    await forge.store.Instance.update({ production: true }, { where: { id: live.id } })
    await mint(world, { grants: [{ type: 'team', id: team.id }] })

    expect(await tryOut({ productionNeedsApproval: true })).toMatchObject({ tokens: 1, stoppedNow: 0, limitedNow: 1 })
  })

  it('counts what may do more', async () => {
    await mint(world)
    await save({ maxRole: 'viewer' })

    expect(await tryOut({})).toMatchObject({ tokens: 1, stoppedNow: 0, limitedNow: 0, widenedNow: 1 })
  })

  it('counts neither what has ended nor what is for another team', async () => {
    const { instance } = await addTeam(world)
    await mint(world, { instance })
    const { id } = await mint(world)
    await world.member('DELETE', `/api/v1/tokens/${id}`)

    expect(await tryOut({ enabled: false })).toMatchObject({ tokens: 0, people: 0, examples: [] })
  })

  it('ends, to the second, what is older than the team allows', async () => {
    const { token } = await mint(world)
    vi.setSystemTime(NOW + DAY_MS - 1)
    expect(await tryOut({ maxLifetimeDays: 1 })).toMatchObject({ stoppedNow: 0 })
    vi.setSystemTime(NOW + DAY_MS)
    expect(await tryOut({ maxLifetimeDays: 1 })).toMatchObject({ stoppedNow: 1 })
    expect(await introspect(world, world.instance, token)).toMatchObject({ active: true })
  })

  it('tells those who lose something once, and nobody else', async () => {
    const stops = await mint(world, { name: 'Wide', grants: [{ type: 'team', id: world.team.id }] })
    const limited = await mint(world, { name: 'Writer' })
    await save({ grantTypes: ['instance'], readOnlyOnly: true })

    const notices = await noticesOf(world.member)
    expect(notices).toMatchObject([{ kind: 'policy-changed', body: { team: { name: 'line-4' }, by: 'olga' } }])
    expect(new Set((notices[0]?.body as { tokens: object[] }).tokens)).toEqual(
      new Set([
        { id: stops.id, name: 'Wide', effect: 'stopped' },
        { id: limited.id, name: 'Writer', effect: 'limited' },
      ]),
    )
    expect(await noticesOf(world.owner)).toEqual([])
  })

  it('never loses what one of two owners saves who change it at once', async () => {
    await addMember(world.forge, { team: world.team, user: world.forge.admin, role: 'owner' })
    const other = await openBrowser(world.forge, world.forge.admin)

    const answers = await Promise.all([save({ maxLifetimeDays: 7 }), save({ maxLifetimeDays: 30 }, other)])

    const statuses = answers.map(({ statusCode }) => statusCode)
    const log = await logOf(world.owner, `teams/${world.team.id}/audit-log`)
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true)
    expect(log).toHaveLength(statuses.filter((status) => status === 200).length)
    const saved = (await world.owner('GET', path())).json<TokenPolicy>().maxLifetimeDays
    expect((log[0]?.body['updates'] as { new: number }[])[0]?.new).toBe(saved)
  })

  it('holds for a token that was being minted while it was saved', async () => {
    const { instance } = world
    const body = {
      name: 'a token',
      role: 'member',
      readOnly: false,
      grants: [{ type: 'instance', id: instance.id }],
      expiresAt: new Date(NOW + DAY_MS).toISOString(),
    }
    const minting = Array.from({ length: 6 }, () => world.member('POST', '/api/v1/tokens', body))
    const [saved, ...minted] = await Promise.all([save({ maxRole: 'viewer', readOnlyOnly: true }), ...minting])

    expect(saved.statusCode).toBe(200)
    for (const answer of minted) {
      const outcome = answer.json<{ token?: string; code?: string }>()
      if (outcome.token === undefined) expect(outcome.code).toBe('policy_refused')
      else
        expect(await introspect(world, instance, outcome.token)).toMatchObject({ roles: ['viewer'], scope: 'mcp:read' })
    }
  })
}
