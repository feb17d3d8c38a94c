import { afterEach, beforeEach, expect, it } from 'vitest'

import type { AuditLogPage } from '../../../forge/contract/audit.ts'
import type { CreatedToken, Token } from '../../../forge/contract/token.ts'
import { defineTokenModels, type TokenModels } from '../../../forge/tokens/model.ts'
import { createInstance, openBrowser, type Browser } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { addTeam, introspect, mint, noticesOf, setPolicy, useWorld } from '../oversight/scene.ts'

/** What is left when something is deleted in the host, on whichever database. */
export function cleanupCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  let admin: Browser
  let models: TokenModels
  beforeEach(async () => {
    admin = await openBrowser(world.forge, world.forge.admin)
    models = defineTokenModels(world.forge.db)
  })
  afterEach(async () => {
    expect(await orphans()).toEqual([])
  })

  const remove = async (path: string) => expect((await admin('DELETE', `/api/v1/${path}`)).statusCode).toBe(204)
  const show = async ({ id }: CreatedToken) => (await world.member('GET', `/api/v1/tokens/${id}`)).json<Token>()
  const isActive = async ({ token }: CreatedToken, instance = world.instance) =>
    (await introspect(world, instance, token)).active
  const teamGrant = (team: { id: string }) => ({ type: 'team' as const, id: team.id })
  const instanceGrant = (instance: { id: string }) => ({ type: 'instance' as const, id: instance.id })

  /** Rows that point to what does not exist any more, and live tokens of nobody. */
  async function orphans(): Promise<string[]> {
    const of = async (table: string, column: string, target: string, where = '1 = 1') => {
      const sql = `SELECT count(*) AS count FROM ${table} WHERE ${where} AND ${column} NOT IN (SELECT id FROM ${target})`
      const [rows] = (await world.forge.db.query(sql)) as [{ count: number | string }[], unknown]
      return Number(rows[0]?.count) > 0 ? [`${table}.${column} -> ${target}`] : []
    }
    const found = [
      await of('pat_tokens', 'user_id', 'users', 'revoked_at IS NULL'),
      await of('pat_notices', 'user_id', 'users'),
      await of('pat_policies', 'team_id', 'teams'),
      await of('pat_approvals', 'team_id', 'teams'),
      await of('pat_cuts', 'scope_id', 'teams', "scope_type = 'team'"),
      await of('pat_cuts', 'scope_id', 'instances', "scope_type = 'instance'"),
      await of('pat_token_grants', 'target_id', 'teams', "type = 'team'"),
      await of('pat_token_grants', 'target_id', 'applications', "type = 'application'"),
      await of('pat_token_grants', 'target_id', 'instances', "type = 'instance'"),
    ]
    return found.flat()
  }

  it('ends a token with the last instance that it reached, and says so', async () => {
    const token = await mint(world)
    await remove(`instances/${world.instance.id}`)

    expect(await show(token)).toMatchObject({ state: 'revoked', endReason: 'nothing_left_to_reach', grants: [] })
    const { log } = (await world.owner('GET', `/api/v1/teams/${world.team.id}/audit-log`)).json<AuditLogPage>()
    expect(log[0]).toMatchObject({
      event: 'user.pat.revoked',
      trigger: { type: 'system', name: 'cleanup' },
      token: { id: token.id, ownerName: 'alice' },
      body: { reason: 'nothing_left_to_reach' },
    })
  })

  it('leaves a token alone that reaches something else, without the grant', async () => {
    const { forge, application } = world
    const second = await createInstance(forge, { application, name: 'second' })
    const token = await mint(world, { grants: [instanceGrant(world.instance), instanceGrant(second)] })
    await remove(`instances/${world.instance.id}`)

    expect(await show(token)).toMatchObject({ state: 'active', grants: [{ id: second.id, name: 'second' }] })
    expect(await isActive(token, second)).toBe(true)
  })

  it('ends what reached a deleted application', async () => {
    const { application } = world
    const byApplication = await mint(world, { grants: [{ type: 'application', id: application.id }] })
    const byInstance = await mint(world)
    const byTeam = await mint(world, { grants: [teamGrant(world.team)] })
    await remove(`applications/${application.id}`)

    const states = await Promise.all(
      [byApplication, byInstance, byTeam].map(async (token) => (await show(token)).state),
    )
    expect(states).toEqual(['revoked', 'revoked', 'active'])
  })

  it('ends what reached a deleted team, with its policy, approvals and cuts', async () => {
    const other = await addTeam(world)
    const both = await mint(world, { grants: [teamGrant(world.team), teamGrant(other.team)] })
    const here = await mint(world)
    await world.owner('DELETE', `/api/v1/instances/${world.instance.id}/tokens/${here.id}`)
    await world.owner('DELETE', `/api/v1/teams/${world.team.id}/tokens/${both.id}`)
    await world.forge.store.Instance.update({ production: true }, { where: { id: world.instance.id } })
    await setPolicy(world, { productionNeedsApproval: true })
    await mint(world, { grants: [teamGrant(world.team), teamGrant(other.team)], reason: 'Because.' })

    await remove(`teams/${world.team.id}`)

    expect((await show(here)).endReason).toBe('nothing_left_to_reach')
    expect(await show(both)).toMatchObject({ state: 'active', grants: [{ id: other.team.id }] })
    expect([await models.Cut.count(), await models.Approval.count()]).toEqual([0, 0])
  })

  it('ends the tokens of a deleted person, and the audit of the team stays readable', async () => {
    const token = await mint(world, { name: 'Laptop' })
    await world.owner('DELETE', `/api/v1/instances/${world.instance.id}/tokens/${token.id}`)
    expect(await noticesOf(world.member)).toHaveLength(1)
    await remove(`users/${world.alice.id}`)

    const row = await models.Token.findByPk(token.id)
    expect(row).toMatchObject({ endReason: 'owner_deleted', revokedAt: expect.any(Date) as Date })
    const { log } = (await world.owner('GET', `/api/v1/teams/${world.team.id}/audit-log`)).json<AuditLogPage>()
    expect(log.map(({ event, token: about }) => [event, about?.name, about?.ownerName])).toEqual([
      ['user.pat.revoked', 'Laptop', 'alice'],
      ['team.pat.revoked', 'Laptop', 'alice'],
      ['user.pat.created', 'Laptop', 'alice'],
    ])
  })

  it('says nothing of what had ended before', async () => {
    const token = await mint(world)
    await world.member('DELETE', `/api/v1/tokens/${token.id}`)
    await remove(`instances/${world.instance.id}`)

    expect(await show(token)).toMatchObject({ endReason: 'by_owner' })
    const { log } = (await world.member('GET', '/api/v1/tokens/audit-log')).json<AuditLogPage>()
    expect(log).toHaveLength(2)
  })

  it('ends each token once when several things are deleted at the same moment', async () => {
    const { forge, application } = world
    const second = await createInstance(forge, { application })
    await mint(world, { grants: [instanceGrant(world.instance), instanceGrant(second)] })
    await mint(world, { grants: [instanceGrant(second)] })
    await Promise.all([remove(`instances/${world.instance.id}`), remove(`instances/${second.id}`)])

    const path = '/api/v1/tokens/audit-log?event=user.pat.revoked'
    expect((await world.member('GET', path)).json<AuditLogPage>().log).toHaveLength(2)
  })
}
