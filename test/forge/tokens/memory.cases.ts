import type { Sequelize } from 'sequelize'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

import { openDatabase } from '../../../forge/host/database.ts'
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
import { createTestDatabase, type Dialect, type TestDatabase } from '../../support/database.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const NOW = "'2026-11-24 08:00:00.000 +00:00'"
const OTHER_HASH = '$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g'
const inactive = { active: false }

/** Two forges on one database that have both seen a token, and what others do in that database. */
export function memoryCases(dialect: Dialect): void {
  let database: TestDatabase
  let secondDb: Sequelize
  let stranger: Sequelize
  let forges: [TestForge, TestForge]
  let alice: TestUser
  let packer: TestInstance
  let ids: Record<'user' | 'team' | 'otherTeam' | 'app' | 'otherApp' | 'instance' | 'token', string>
  let token: string

  beforeAll(async () => {
    database = await createTestDatabase(dialect)
    secondDb = await openDatabase(database.url)
    stranger = await openDatabase(database.url)
    forges = [await startForge({ db: database.db }), await startForge({ db: secondDb, empty: true })]
  })
  afterAll(async () => {
    for (const forge of forges) await forge.close()
    await secondDb.close()
    await stranger.close()
    await database.cleanup()
  })

  beforeEach(async () => {
    const [forge] = forges
    alice = await createUser(forge)
    const team = await createTeam(forge, { owner: alice })
    const otherTeam = await createTeam(forge)
    const application = await createApplication(forge, { team })
    const otherApp = await createApplication(forge, { team })
    packer = await createInstance(forge, { application })
    const minted = await mintToken(forge, { user: alice, instance: packer, role: 'member', readOnly: false })
    token = minted.token
    ids = {
      ...{ user: alice.id, team: team.id, otherTeam: otherTeam.id, app: application.id, otherApp: otherApp.id },
      ...{ instance: packer.id, token: minted.id },
    }
    for (const each of forges) await expect.poll(() => introspect(each)).toMatchObject({ active: true })
  })
  const introspect = async ({ app }: TestForge) => {
    const headers = {
      authorization: `Bearer ${packer.credential}`,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const payload = new URLSearchParams({ token }).toString()
    return (await app.inject({ method: 'POST', url: '/oauth/introspect', headers, payload })).json<object>()
  }
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: keyof typeof ids) => ids[name])

  it('are not asked for again as long as nothing changes', async () => {
    for (const forge of forges) await introspect(forge) // a change that was under way has been heard by now
    const spies = forges.map(({ db }) => vi.spyOn(db, 'query'))
    for (const forge of forges) expect(await introspect(forge)).toMatchObject({ active: true, sub: alice.id })

    const asked = spies.flatMap((spy) => spy.mock.calls.map(([sql]) => (typeof sql === 'string' ? sql : sql.query)))
    // The three statements behind a decision; what a forge does by itself meanwhile is none of them.
    const facts = /t\.selector = |p\.team_id = |AS "userSuspended"/
    expect(asked.filter((sql) => facts.test(sql))).toEqual([])
  })

  it.each([
    ["UPDATE users SET suspended = true WHERE id = '{user}'", inactive],
    ["UPDATE users SET username = 'u-{user}' WHERE id = '{user}'", { username: 'u-{user}' }],
    ["UPDATE users SET name = 'Another' WHERE id = '{user}'", { name: 'Another' }],
    ["UPDATE users SET email = '{user}@example.org' WHERE id = '{user}'", { email: '{user}@example.org' }],
    ["UPDATE team_members SET role_level = 10 WHERE user_id = '{user}'", { roles: ['viewer'] }],
    ["DELETE FROM team_members WHERE user_id = '{user}'", inactive],
    [
      `INSERT INTO role_overrides (application_id, user_id, team_id, role_level, created_at, updated_at)
         VALUES ('{app}', '{user}', '{team}', 0, ${NOW}, ${NOW})`,
      inactive,
    ],
    ["UPDATE teams SET suspended = true WHERE id = '{team}'", inactive],
    ["UPDATE teams SET name = 'Another' WHERE id = '{team}'", { forge: { team: { name: 'Another' } } }],
    ["UPDATE teams SET slug = '{team}' WHERE id = '{team}'", { forge: { team: { slug: '{team}' } } }],
    ["DELETE FROM teams WHERE id = '{team}'", { error: 'invalid_client' }],
    ["UPDATE applications SET team_id = '{otherTeam}' WHERE id = '{app}'", inactive],
    ["UPDATE instances SET url = 'https://other.example' WHERE id = '{instance}'", { aud: 'https://other.example' }],
    ["UPDATE instances SET name = 'Another' WHERE id = '{instance}'", { forge: { instance: { name: 'Another' } } }],
    ["DELETE FROM instances WHERE id = '{instance}'", { error: 'invalid_client' }],
    [
      "UPDATE instance_credentials SET secret_hash = substr('{instance}{instance}', 1, 64) WHERE instance_id = '{instance}'",
      { error: 'invalid_client' },
    ],
    [`UPDATE pat_tokens SET revoked_at = ${NOW} WHERE id = '{token}'`, inactive],
    [`UPDATE pat_tokens SET retires_at = ${NOW} WHERE id = '{token}'`, inactive],
    [`UPDATE pat_tokens SET expires_at = ${NOW} WHERE id = '{token}'`, inactive],
    ["UPDATE pat_tokens SET end_noted = true WHERE id = '{token}'", inactive],
    ["UPDATE pat_tokens SET role_level = 5 WHERE id = '{token}'", { roles: ['dashboard'] }],
    ["UPDATE pat_tokens SET read_only = true WHERE id = '{token}'", { scope: 'mcp:read' }],
    [`UPDATE pat_tokens SET secret_hash = '${OTHER_HASH}' WHERE id = '{token}'`, inactive],
    ["UPDATE pat_tokens SET prefilter = '00000000' WHERE id = '{token}'", inactive],
    ["UPDATE pat_tokens SET key_id = '00000000' WHERE id = '{token}'", inactive],
    ["UPDATE pat_tokens SET selector = substr('{token}', 1, 12) WHERE id = '{token}'", inactive],
    ["UPDATE pat_tokens SET user_id = 'nobody' WHERE id = '{token}'", inactive],
    ["UPDATE pat_tokens SET parent_id = 'gone', issued_via = 'exchange' WHERE id = '{token}'", inactive],
    ["DELETE FROM pat_tokens WHERE id = '{token}'", inactive],
    ["DELETE FROM pat_token_grants WHERE token_id = '{token}'", inactive],
    ["UPDATE pat_token_grants SET target_id = 'elsewhere' WHERE token_id = '{token}'", inactive],
    [
      `INSERT INTO pat_cuts (token_id, scope_type, scope_id, cut_by, created_at) VALUES ('{token}', 'instance', '{instance}', 'someone', ${NOW})`,
      inactive,
    ],
    [policy('enabled', 'false'), inactive],
    [policy('max_role_level', '5'), { roles: ['dashboard'] }],
    [policy('read_only_only', 'true'), { scope: 'mcp:read' }],
    [policy('grant_types', "'team'"), inactive],
    [policy('mcp_only', 'true'), { forge: { mcpOnly: true } }],
  ])('hear of it within a second when somebody else says %s', async (statement, expected) => {
    await stranger.query(fill(statement))

    const wanted = JSON.parse(fill(JSON.stringify(expected))) as object
    for (const forge of forges) await expect.poll(() => introspect(forge), { timeout: 1000 }).toMatchObject(wanted)
  })

  it('have heard of an approval and of its end', async () => {
    await stranger.query(fill(policy('production_needs_approval', 'true')))
    await stranger.query(fill("UPDATE instances SET production = true WHERE id = '{instance}'"))
    for (const forge of forges) await expect.poll(() => introspect(forge), { timeout: 1000 }).toEqual(inactive)

    await stranger.query(
      fill(`INSERT INTO pat_approvals VALUES ('{token}', '{team}', 'approved', '', NULL, NULL, ${NOW}, ${NOW})`),
    )
    for (const forge of forges)
      await expect.poll(() => introspect(forge), { timeout: 1000 }).toMatchObject({ active: true })
    await stranger.query(fill("UPDATE pat_approvals SET state = 'denied' WHERE token_id = '{token}'"))
    for (const forge of forges) await expect.poll(() => introspect(forge), { timeout: 1000 }).toEqual(inactive)
  })

  describe('the forge that has answered a change', () => {
    it.each([
      ['of a token', 'DELETE', '/api/v1/tokens/{token}', inactive],
      ['of an instance', 'PATCH', '/api/v1/instances/{instance}', { forge: { instance: { name: 'Renamed' } } }],
    ] as const)('%s goes by it from the next request on', async (_what, method, path, expected) => {
      const browser = await openBrowser(forges[0], alice)
      const answer = await browser(method, fill(path), ...(method === 'PATCH' ? [{ name: 'Renamed' }] : []))

      expect(answer.statusCode).toBeLessThan(300)
      expect(await introspect(forges[0])).toMatchObject(expected)
    })
  })
}

/** A policy of the team that says nothing but one thing. */
function policy(column: string, value: string): string {
  const rest = {
    ...{ enabled: 'true', max_lifetime_days: '366', allow_no_expiry: 'true', max_role_level: '50' },
    ...{ read_only_only: 'false', grant_types: "'instance'", production_needs_approval: 'false', mcp_only: 'false' },
    ...{ created_at: NOW, updated_at: NOW, [column]: value },
  }
  return `INSERT INTO pat_policies (team_id, ${Object.keys(rest).join()}) VALUES ('{team}', ${Object.values(rest).join()})`
}
