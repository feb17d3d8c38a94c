import { expect, it } from 'vitest'

import type { Grant } from '../../../forge/contract/grant.ts'
import type { TeamTokenPage } from '../../../forge/contract/oversight.ts'
import { selectRows } from '../../../forge/sql/rows.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import { noteWidestGrantsTask } from '../../../forge/tokens/note-widest-grants.ts'
import { keyOfGrant, keyOfWidest, widestOf } from '../../../forge/tokens/widest-grant.ts'
import { createApplication, createInstance } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { addTeam, mint, NOW, useWorld } from './scene.ts'

/** Which tokens reach an instance, whatever is noted of their grants, on whichever database. */
export function widestGrantCases(dialect: Dialect): void {
  const world = useWorld(dialect)

  const listed = async (instanceId: string, query = '') => {
    const answer = await world.owner('GET', `/api/v1/instances/${instanceId}/tokens?limit=200${query}`)
    const { tokens, count } = answer.json<TeamTokenPage>()
    expect(count).toBe(tokens.length)
    return tokens.map(({ name }) => name).sort()
  }
  const change = (id: string, grants: Grant[]) => world.member('PATCH', `/api/v1/tokens/${id}`, { grants })
  const note = () => {
    const { db } = world.forge
    return noteWidestGrantsTask({ db, models: defineTokenModels(db) }).run(new Date(NOW), () => false)
  }
  /** Of each token that has grants: what it notes, and which of them say that it is they. */
  const noted = async () => {
    const rows = await selectRows<{ token: string; key: string | null; type: string; id: string; widest: boolean }>(
      world.forge.db,
      `SELECT t.id AS token, t.widest_grant AS key, g.type, g.target_id AS id, g.widest
         FROM pat_tokens t JOIN pat_token_grants g ON g.token_id = t.id`,
      [],
    )
    const tokens = new Map(rows.map(({ token, key }) => [token, { key, grants: [] as string[] }]))
    for (const { token, type, id, widest } of rows) if (widest) tokens.get(token)?.grants.push(`${type} ${id}`)
    return [...tokens.values()]
  }

  /** Two applications of the team, with two instances and one, and what a grant may name there and elsewhere. */
  async function addPlaces() {
    const other = await createApplication(world.forge, { team: world.team, name: 'shipping' })
    const instances = [
      world.instance,
      await createInstance(world.forge, { application: world.application, name: 'labeller' }),
      await createInstance(world.forge, { application: other, name: 'loader' }),
    ]
    const elsewhere = await addTeam(world)
    const applicationOf = [world.application.id, world.application.id, other.id]
    const grants: Grant[] = [
      { type: 'instance', id: elsewhere.instance.id },
      { type: 'instance', id: instances[2]?.id ?? '' },
      { type: 'instance', id: world.instance.id },
      { type: 'application', id: other.id },
      { type: 'application', id: world.application.id },
      { type: 'team', id: world.team.id },
    ]
    const reaches = (grant: Grant, n: number) => [world.team.id, applicationOf[n], instances[n]?.id].includes(grant.id)
    return { instances, grants, reaches }
  }

  it('lists for each instance what its grants say, of every set of grants, noted or not', async () => {
    const { instances, grants, reaches } = await addPlaces()
    const { Token, Grant } = defineTokenModels(world.forge.db)
    const sets = Array.from({ length: 2 ** grants.length - 1 }, (_, n) => ({
      id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      name: `token ${n}`,
      set: grants.filter((_, place) => (n + 1) & (1 << place)),
      isNoted: n % 3 > 0,
    }))
    await Token.bulkCreate(
      sets.map(({ id, name, set, isNoted }, n) => ({
        ...{ id, familyId: id, name, userId: world.alice.id, teamId: null, description: '', roleLevel: 30 },
        ...{ selector: String(n).padStart(12, 's'), secretHash: 'none', prefilter: '00000000', keyId: '00000000' },
        ...{ readOnly: false, expiresAt: null, widestGrant: isNoted ? keyOfWidest(set) : null },
      })),
    )
    await Grant.bulkCreate(
      sets.flatMap(({ id: tokenId, set, isNoted }) =>
        set.map((grant) => ({
          ...{ tokenId, type: grant.type, targetId: grant.id },
          widest: isNoted && grant === widestOf(set),
        })),
      ),
    )
    const isRight = async (left = grants) => {
      for (const [n, { id }] of instances.entries()) {
        const expected = sets.filter(({ set }) => set.some((grant) => left.includes(grant) && reaches(grant, n)))
        for (const query of ['', '&state=active', '&query=token', '&query=token&role=member&state=active']) {
          expect(await listed(id, query)).toEqual(expected.map(({ name }) => name).sort())
        }
      }
    }

    await isRight()
    await note()
    await isRight()
    const all = await noted()
    expect(all).toHaveLength(sets.length)
    for (const { key, grants } of all) expect(grants).toEqual([key])

    // By hand, or by an older version: nobody notes anything.
    const [left, gone] = [grants.filter(({ type }) => type === 'instance'), ['team', 'application']]
    await world.forge.db.query(`DELETE FROM pat_token_grants WHERE type IN ('${gone.join("','")}')`)
    await isRight(left)
    await note()
    await isRight(left)
    for (const { key, grants } of await noted()) expect(grants).toEqual([key])
  })

  it('notes it as a token is minted, changed and rotated', async () => {
    const { instances, grants } = await addPlaces()
    const [second] = instances.slice(1)
    const [, , here, , application, team] = grants
    if (!second || !here || !application || !team) throw new Error('no places')
    const counts = () => Promise.all(instances.map(async ({ id }) => (await listed(id)).length))

    const { id } = await mint(world, { grants: [here, team] })
    expect(await noted()).toEqual([{ key: keyOfGrant(team), grants: [keyOfGrant(team)] }])
    expect(await counts()).toEqual([1, 1, 1])
    // The same as before is the widest.
    await change(id, [team])
    expect(await noted()).toEqual([{ key: keyOfGrant(team), grants: [keyOfGrant(team)] }])
    expect(await counts()).toEqual([1, 1, 1])
    await change(id, [here, application])
    expect(await noted()).toEqual([{ key: keyOfGrant(application), grants: [keyOfGrant(application)] }])
    expect(await counts()).toEqual([1, 1, 0])
    await change(id, [here])
    expect(await counts()).toEqual([1, 0, 0])
    const rotated = await world.member('POST', `/api/v1/tokens/${id}/rotate`, { graceMinutes: 5 })
    expect(rotated.statusCode).toBe(201)
    expect(await noted()).toEqual(Array(2).fill({ key: keyOfGrant(here), grants: [keyOfGrant(here)] }))
    expect(await counts()).toEqual([2, 0, 0])
  })

  it('follows a hand that moves a grant or deletes a token, in the database', async () => {
    const { instances } = await addPlaces()
    const [here, second] = instances
    if (!here || !second) throw new Error('no places')
    const counts = () => Promise.all(instances.map(async ({ id }) => (await listed(id)).length))
    const { id } = await mint(world)
    expect(await counts()).toEqual([1, 0, 0])

    const sql = 'UPDATE pat_token_grants SET target_id = $1 WHERE target_id = $2'
    await world.forge.db.query(sql, { bind: [second.id, here.id] })
    expect(await counts()).toEqual([0, 1, 0])
    expect(await noted()).toEqual([{ key: null, grants: [] }])
    await note()
    expect(await noted()).toEqual([{ key: `instance ${second.id}`, grants: [`instance ${second.id}`] }])
    expect(await counts()).toEqual([0, 1, 0])

    await world.forge.db.query('DELETE FROM pat_tokens WHERE id = $1', { bind: [id] })
    expect(await noted()).toEqual([])
    expect(await counts()).toEqual([0, 0, 0])
  })
}
