import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { migrations } from '../../migrations/index.ts'
import { createLoad } from '../forge/faults/load.ts'
import { seed } from '../forge/faults/scene.ts'
import { killForgeProcesses, startForgeProcess, type ForgeProcess } from '../support/forge-process.ts'
import { createPostgresDatabase, hasPostgres } from '../support/postgres.ts'

const TEN = 10

describe.runIf(hasPostgres)('forges on one PostgreSQL', () => {
  let database: { url: string; drop(): Promise<void> }
  let sql: pg.Client
  let forges: ForgeProcess[]
  const start = () => startForgeProcess({ databaseUrl: database.url, env: { LOG_LEVEL: 'debug' } })

  beforeAll(async () => {
    database = await createPostgresDatabase()
    sql = new pg.Client({ connectionString: database.url })
    await sql.connect()
  })
  afterAll(async () => {
    await killForgeProcesses()
    await sql.end()
    await database.drop()
  })

  it('may start ten at once on an empty database: all come up, and each migration runs once', async () => {
    forges = await Promise.all(Array.from({ length: TEN }, start))

    const ran = forges.flatMap(({ output }) => output().match(/"event":"migrated"/g) ?? [])
    expect(ran).toHaveLength(migrations.length)
    const { rows } = await sql.query('SELECT name FROM migrations')
    expect(rows).toHaveLength(migrations.length)
    for (const { output } of forges) expect(output()).not.toMatch(/"level":(?:40|50|60)/)
    await Promise.all(forges.splice(2).map((forge) => forge.kill()))
  })

  it('go on while a later version migrates the database, and start on what it has made', async () => {
    const [first, second] = forges as [ForgeProcess, ForgeProcess]
    const load = await createLoad({ forges: [first.url, second.url], ...(await seed(database.url, 3)) })

    await load.run(4, async () => {
      await migrateFurther(sql)
      await second.kill()
      const again = await startForgeProcess({ databaseUrl: database.url, port: Number(new URL(second.url).port) })
      expect(again.url).toBe(second.url)
    })

    await load.expectTruth([first.url, second.url])
    expect(load.unanswered(first.url)).toBe(0)
  })
})

/** As the version after this one would: it adds, in one transaction, under the lock that keeps others from migrating. */
async function migrateFurther(sql: pg.Client): Promise<void> {
  const additions = ['pat_tokens', 'pat_token_grants', 'pat_audit_entries', 'users', 'sessions', 'instances'].flatMap(
    (table) => [
      `ALTER TABLE ${table} ADD COLUMN from_later VARCHAR(10)`,
      `ALTER TABLE ${table} ADD COLUMN always_from_later BOOLEAN NOT NULL DEFAULT false`,
    ],
  )
  const statements = [...additions, "INSERT INTO migrations (name) VALUES ('module/99991231-99-from-later')"]
  for (let done = false; !done;) {
    try {
      await sql.query(['BEGIN', ...statements, 'COMMIT'].join(';'))
      done = true
    } catch (error) {
      // Two who wait for each other: PostgreSQL ends one of them, and nothing of it has happened.
      if (Object(error).code !== '40P01') throw error
      await sql.query('ROLLBACK')
    }
  }
}
