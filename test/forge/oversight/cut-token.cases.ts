import { expect, it, vi } from 'vitest'

import type { CreatedToken, Token } from '../../../forge/contract/token.ts'
import { createInstance, createUser, mintToken } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { addTeam, DAY_MS, introspect, logOf, mint, noticesOf, NOW, useWorld } from './scene.ts'

/** What an owner ends for the team, on whichever database. */
export function cutCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  const cutForTeam = (tokenId: string, browser = world.owner) =>
    browser('DELETE', `/api/v1/teams/${world.team.id}/tokens/${tokenId}`)
  const cutForInstance = (instanceId: string, tokenId: string, browser = world.owner) =>
    browser('DELETE', `/api/v1/instances/${instanceId}/tokens/${tokenId}`)
  const revokeAllOf = (userId: string, browser = world.owner) =>
    browser('POST', `/api/v1/teams/${world.team.id}/tokens/revoke`, { userId })
  const isActive = async (token: string, instance = world.instance) => (await introspect(world, instance, token)).active

  /** A token of Alice for both teams that Olga owns. */
  async function mintForBoth() {
    const other = await addTeam(world)
    const grants = [world.team.id, other.team.id].map((id) => ({ type: 'team' as const, id }))
    return { other, token: await mint(world, { name: 'Both', grants }) }
  }

  it('ends a token for the team and leaves it alone elsewhere', async () => {
    const { other, token } = await mintForBoth()
    expect((await cutForTeam(token.id)).statusCode).toBe(204)

    expect(await isActive(token.token)).toBe(false)
    expect(await isActive(token.token, other.instance)).toBe(true)
    expect((await world.member('GET', `/api/v1/tokens/${token.id}`)).json<Token>().state).toBe('active')
  })

  it('ends a token for one instance and leaves it alone at the others of the team', async () => {
    const { forge, application, instance, team } = world
    const second = await createInstance(forge, { application })
    const { id, token } = await mint(world, { grants: [{ type: 'team', id: team.id }] })
    expect((await cutForInstance(instance.id, id)).statusCode).toBe(204)

    expect(await isActive(token)).toBe(false)
    expect(await isActive(token, second)).toBe(true)
  })

  it("stands in the holder's log and the team's, with the grants in this team only", async () => {
    const { token } = await mintForBoth()
    await cutForTeam(token.id)

    const said = {
      event: 'team.pat.revoked',
      username: 'olga',
      token: { id: token.id, name: 'Both', ownerId: world.alice.id, ownerName: 'alice' },
      body: { grants: [{ type: 'team', id: world.team.id }], instance: null },
    }
    expect((await logOf(world.member, 'tokens/audit-log'))[0]).toMatchObject(said)
    expect((await logOf(world.owner, `teams/${world.team.id}/audit-log`))[0]).toMatchObject(said)
  })

  it('tells the holder once, and where', async () => {
    const { id } = await mint(world, { name: 'Laptop' })
    await cutForInstance(world.instance.id, id)
    await cutForInstance(world.instance.id, id)

    expect(await noticesOf(world.member)).toMatchObject([
      {
        kind: 'token-revoked',
        body: { token: { id, name: 'Laptop' }, by: 'olga', reach: { type: 'instance', name: 'packer' } },
      },
    ])
  })

  it('changes nothing the second time', async () => {
    const { id } = await mint(world)
    const answers = [await cutForTeam(id), await cutForTeam(id)]

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([204, 204])
    const log = await logOf(world.owner, `teams/${world.team.id}/audit-log?event=team.pat.revoked`)
    expect(log).toHaveLength(1)
  })

  it('writes one entry when owners do it several times at once', async () => {
    const { id } = await mint(world)
    const answers = await Promise.all(Array.from({ length: 5 }, () => cutForTeam(id)))

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([204, 204, 204, 204, 204])
    const log = await logOf(world.owner, `teams/${world.team.id}/audit-log?event=team.pat.revoked`)
    expect(log).toHaveLength(1)
  })

  it('does nothing to a token that has ended', async () => {
    const { id } = await mint(world, { expiresAt: new Date(NOW + 1000).toISOString() })
    vi.setSystemTime(NOW + 1000)

    expect((await cutForTeam(id)).statusCode).toBe(204)
    expect(await noticesOf(world.member)).toEqual([])
  })

  it('does not find a token that reaches nothing here, nor one that never was', async () => {
    const { instance } = await addTeam(world)
    const elsewhere = await mint(world, { instance })
    const unknown = '5b0b8e9a-6a51-4c33-8d53-0d6a3d5f2f10'

    for (const id of [elsewhere.id, unknown]) {
      const answers = [await cutForTeam(id), await cutForInstance(world.instance.id, id)]
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404])
    }
    expect(await isActive(elsewhere.token, instance)).toBe(true)
  })

  it('is for owners of the team alone', async () => {
    const { id, token } = await mint(world)

    for (const browser of [world.member, world.stranger]) {
      const answers = [
        await cutForTeam(id, browser),
        await cutForInstance(world.instance.id, id, browser),
        await revokeAllOf(world.alice.id, browser),
      ]
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404])
    }
    expect(await isActive(token)).toBe(true)
  })

  it('ends a predecessor in its grace and its successor with it', async () => {
    const old = await mint(world)
    const rotated = await world.member('POST', `/api/v1/tokens/${old.id}/rotate`, { graceMinutes: 60 })
    const fresh = rotated.json<CreatedToken>()
    await cutForTeam(old.id)

    expect([await isActive(old.token), await isActive(fresh.token)]).toEqual([false, false])
  })

  it('is not undone by rotating the token', async () => {
    const { other, token } = await mintForBoth()
    await cutForTeam(token.id)
    const fresh = (await world.member('POST', `/api/v1/tokens/${token.id}/rotate`, {})).json<CreatedToken>()

    expect(await isActive(fresh.token)).toBe(false)
    expect(await isActive(fresh.token, other.instance)).toBe(true)
  })

  it('catches a token that is being rotated at the same moment', async () => {
    const { id, token } = await mint(world)
    const [cut, rotated] = await Promise.all([
      cutForTeam(id),
      world.member('POST', `/api/v1/tokens/${id}/rotate`, { graceMinutes: 60 }),
    ])

    expect([cut.statusCode, rotated.statusCode]).toEqual([204, 201])
    expect(await isActive(token)).toBe(false)
    expect(await isActive(rotated.json<CreatedToken>().token)).toBe(false)
  })

  it('is not undone by widening the token', async () => {
    const { id, token } = await mint(world, { role: 'viewer', readOnly: true })
    await cutForTeam(id)
    const grants = [{ type: 'team', id: world.team.id }]
    expect((await world.member('PATCH', `/api/v1/tokens/${id}`, { grants, role: 'member' })).statusCode).toBe(200)

    expect(await isActive(token)).toBe(false)
  })

  it("ends all of a person's tokens for the team, and nobody else's", async () => {
    const { other, token } = await mintForBoth()
    const second = await mint(world)
    const olgas = await mintToken(world.forge, { user: world.olga, instance: world.instance })

    const answer = await revokeAllOf(world.alice.id)

    expect([answer.statusCode, answer.json()]).toEqual([200, { revoked: 2, since: new Date(NOW).toISOString() }])
    expect([await isActive(token.token), await isActive(second.token)]).toEqual([false, false])
    expect(await isActive(token.token, other.instance)).toBe(true)
    expect(await isActive(olgas.token)).toBe(true)
    expect(await noticesOf(world.member)).toHaveLength(2)
  })

  it('ends nothing of somebody who holds nothing here, and does not tell whether they exist', async () => {
    const carol = await createUser(world.forge, { username: 'carol' })

    for (const userId of [carol.id, 'nobody']) {
      const answer = await revokeAllOf(userId)
      expect([answer.statusCode, answer.json()]).toMatchObject([200, { revoked: 0 }])
    }
  })

  it('needs no fresh sign-in', async () => {
    const { id } = await mint(world)
    vi.setSystemTime(NOW + DAY_MS / 2)

    expect((await cutForTeam(id)).statusCode).toBe(204)
  })
}
