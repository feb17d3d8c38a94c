import type { Sequelize } from 'sequelize'
import { describe, expect, it, onTestFinished } from 'vitest'

import { migrate, migrateDown } from '../../forge/host/database.ts'
import { migrations } from '../../migrations/index.ts'
import { selectRows } from '../../forge/sql/rows.ts'
import { createApplication, createInstance, createTeam, createUser, mintToken, signIn } from '../support/builders.ts'
import { createTestDatabase, type Dialect } from '../support/database.ts'
import { startForge } from '../support/forge.ts'
import { hasPostgres } from '../support/postgres.ts'

/** The first of the module's that changed a table that people had filled. */
const EARLIEST = 'module/20261123-11-extend-token-life'

/** What every version since has had of what people have made. */
const KEPT = {
  users: 'SELECT id, username, email, password_hash FROM users ORDER BY id',
  members: 'SELECT team_id, user_id, role_level FROM team_members ORDER BY user_id',
  instances: 'SELECT id, application_id, name, url, production FROM instances ORDER BY id',
  credentials: 'SELECT instance_id, secret_hash FROM instance_credentials ORDER BY instance_id',
  tokens: 'SELECT id, selector, secret_hash, prefilter, key_id, user_id, name, role_level FROM pat_tokens ORDER BY id',
  ends: 'SELECT id, expires_at, revoked_at FROM pat_tokens ORDER BY id',
  grants: 'SELECT token_id, type, target_id FROM pat_token_grants ORDER BY token_id',
  audit: 'SELECT * FROM pat_audit_entries ORDER BY id',
  policies: 'SELECT * FROM pat_policies ORDER BY team_id',
}

async function keptRows(db: Sequelize): Promise<Record<string, object[]>> {
  const entries = Object.entries(KEPT).map(async ([name, sql]) => [name, await selectRows(db, sql, [])] as const)
  return Object.fromEntries(await Promise.all(entries))
}

describe.each(['sqlite', 'postgres'] as const)('a database with data on %s', (dialect: Dialect) => {
  it.runIf(dialect === 'sqlite' || hasPostgres)(
    'goes down step by step and up again, and what people have made works as before',
    async () => {
      const database = await createTestDatabase(dialect)
      onTestFinished(database.cleanup)
      const { db } = database

      const before = await startForge({ db })
      const user = await createUser(before)
      const team = await createTeam(before, { owner: user })
      const instance = await createInstance(before, { application: await createApplication(before, { team }) })
      const [live, revoked] = [await mintToken(before, { user, instance }), await mintToken(before, { user, instance })]
      const headers = await signIn(before, user)
      const url = `${before.url}/api/v1/tokens/${revoked.id}`
      expect((await before.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(204)
      await before.close()
      const rows = await keptRows(db)
      expect(rows).toMatchObject({ users: [{}, {}], tokens: [{}, {}], grants: [{}, {}] })

      const all = migrations.map(({ name }) => name)
      for (const to of all.slice(all.indexOf(EARLIEST)).reverse()) await migrateDown(db, { to })
      expect(await keptRows(db)).toEqual(rows)
      await migrate(db)
      expect(await keptRows(db)).toEqual(rows)

      const after = await startForge({ db, empty: true })
      const introspect = async (token: string) => {
        const authorization = `Bearer ${instance.credential}`
        const form = { 'content-type': 'application/x-www-form-urlencoded' }
        const request = {
          method: 'POST',
          url: `${after.url}/oauth/introspect`,
          headers: { authorization, ...form },
        } as const
        return (await after.app.inject({ ...request, payload: `token=${token}` })).json<{ active: boolean }>()
      }
      expect(await introspect(live.token)).toMatchObject({ active: true, jti: live.id, username: user.username })
      expect(await introspect(revoked.token)).toEqual({ active: false })

      await after.close()
      await migrateDown(db)
      expect((await db.getQueryInterface().showAllTables()).map(String)).toEqual(['migrations'])
    },
  )
})
