import { expect, it } from 'vitest'

import type { TeamHealth } from '../../../forge/contract/oversight.ts'
import type { Dialect } from '../../support/database.ts'
import { mint, setPolicy, useWorld } from './scene.ts'

/** How the tokens of a team are, on whichever database. */
export function teamHealthCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  const path = () => `/api/v1/teams/${world.team.id}/token-health`
  const health = async () => (await world.owner('GET', path())).json<TeamHealth>()

  it('has no score without a token', async () => {
    expect(await health()).toEqual({ score: null, tokens: 0, lookedAt: 0, findings: [] })
  })

  it('is the mean of those that work, with what there is to mend', async () => {
    await setPolicy(world, { allowNoExpiry: true })
    await mint(world, { role: 'viewer', readOnly: true })
    await mint(world, { expiresAt: null })
    const ended = await mint(world, { expiresAt: null })
    await world.member('DELETE', `/api/v1/tokens/${ended.id}`)
    // 100 and 75: whoever is asked about rounds down.
    expect(await health()).toEqual({ score: 87, tokens: 2, lookedAt: 2, findings: [{ finding: 'endless', tokens: 1 }] })
  })

  it('is not about what an owner has ended for the team', async () => {
    await mint(world, { role: 'viewer', readOnly: true })
    const { id } = await mint(world, { grants: [{ type: 'application', id: world.application.id }] })
    expect(await health()).toMatchObject({ tokens: 2, findings: [{ finding: 'grows' }] })
    await world.owner('DELETE', `/api/v1/teams/${world.team.id}/tokens/${id}`)
    expect(await health()).toEqual({ score: 100, tokens: 1, lookedAt: 1, findings: [] })
  })

  it('sees production, and what a token names in the team alone', async () => {
    await mint(world, { grants: [{ type: 'application', id: world.application.id }] })
    expect((await health()).findings.map(({ finding }) => finding)).toEqual(['grows'])
    await world.forge.store.Instance.update({ production: true }, { where: { id: world.instance.id } })
    expect((await health()).findings.map(({ finding }) => finding)).toEqual(['grows', 'writes-production'])
  })

  it('is for the owners of the team', async () => {
    for (const browser of [world.member, world.stranger]) expect((await browser('GET', path())).statusCode).toBe(404)
  })
}
