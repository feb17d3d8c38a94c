import { QueryTypes, type Sequelize, type Transaction } from 'sequelize'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { migrate, openDatabase } from '../../../forge/host/database.ts'
import { createSqliteFile, createTestDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let db: Sequelize
beforeEach(async () => {
  database = await createTestDatabase()
  db = database.db
})
afterEach(() => database.cleanup())

const pragma = async (name: string, transaction: Transaction | null = null) => {
  const [row] = await db.query<Record<string, unknown>>(`PRAGMA ${name}`, { type: QueryTypes.SELECT, transaction })
  return Object.values(row ?? {})[0]
}

describe('an SQLite database', () => {
  it('lets readers read while somebody writes', async () => {
    expect(await pragma('journal_mode')).toBe('wal')
  })

  it('waits for other writers and keeps foreign keys, on each connection', async () => {
    expect(await pragma('busy_timeout')).toBe(5000)
    expect(await pragma('foreign_keys')).toBe(1)
    await db.transaction(async (transaction) => {
      expect(await pragma('busy_timeout', transaction)).toBe(5000)
      expect(await pragma('foreign_keys', transaction)).toBe(1)
    })
  })

  it('runs transactions that read first and write later side by side', async () => {
    await db.query('CREATE TABLE counter (value INTEGER)')
    await db.query('INSERT INTO counter VALUES (0)')

    const increment = () =>
      db.transaction(async (transaction) => {
        const [row] = await db.query<{ value: number }>('SELECT value FROM counter', {
          type: QueryTypes.SELECT,
          transaction,
        })
        await db.query('UPDATE counter SET value = $1', { bind: [Number(row?.value) + 1], transaction })
      })
    await Promise.all(Array.from({ length: 30 }, increment))

    const [row] = await db.query<{ value: number }>('SELECT value FROM counter', { type: QueryTypes.SELECT })
    expect(row?.value).toBe(30)
  })

  it('begins every transaction as a writer, so that it never learns too late that another wrote', async () => {
    const other = await openDatabase(database.url)
    try {
      await db.transaction(async () => {
        // Nothing was written yet; a deferred transaction would let the other one begin, and fail later.
        await other.query('PRAGMA busy_timeout = 0')
        await expect(other.query('BEGIN IMMEDIATE')).rejects.toThrow('SQLITE_BUSY')
      })
    } finally {
      await other.close()
    }
  })

  it('goes on after a transaction that failed', async () => {
    await expect(
      db.transaction(async () => {
        throw new Error('no')
      }),
    ).rejects.toThrow('no')

    await expect(db.transaction(async () => 'yes')).resolves.toBe('yes')
  })

  it('takes no transaction whose end it would not see', async () => {
    await expect(db.transaction()).rejects.toThrow(TypeError)
  })
})

describe('migrate', () => {
  it('changes nothing the second time', async () => {
    const schema = () => db.query('SELECT sql FROM sqlite_master ORDER BY name', { type: QueryTypes.SELECT })
    const before = await schema()

    await migrate(db)

    expect(await schema()).toEqual(before)
  })

  it('lets two forges start at once', async () => {
    const { url, drop } = await createSqliteFile()
    const forges = await Promise.all([openDatabase(url), openDatabase(url)])

    await Promise.all(forges.map((each) => migrate(each)))

    const [row] = await forges[0].query<{ count: number }>('SELECT count(*) AS count FROM migrations', {
      type: QueryTypes.SELECT,
    })
    expect(row?.count).toBeGreaterThan(3)
    await Promise.all(forges.map((each) => each.close()))
    await drop()
  })
})

describe('the schema', () => {
  it('takes no override of an application of another team', async () => {
    await seed(db)

    await expect(override(db, { application: 'app-2', team: 'team-1' })).rejects.toThrow()
    await expect(override(db, { application: 'app-2', team: 'team-2' })).rejects.toThrow()
    await expect(override(db, { application: 'app-1', team: 'team-1' })).resolves.toBeDefined()
  })

  it('takes no role that does not exist', async () => {
    await seed(db)

    await expect(db.query(`UPDATE team_members SET role_level = 60`)).rejects.toThrow()
  })

  it('takes everything of a team with it', async () => {
    await seed(db)
    await override(db, { application: 'app-1', team: 'team-1' })

    await db.query(`DELETE FROM teams`)

    for (const table of ['team_members', 'applications', 'role_overrides']) {
      expect(await db.query(`SELECT * FROM ${table}`, { type: QueryTypes.SELECT })).toEqual([])
    }
  })
})

const NOW = '2026-11-23 08:00:00.000 +00:00'

/** Somebody who is a member of the first of two teams with an application each. */
async function seed(target: Sequelize): Promise<void> {
  const insert = (into: string, values: string[]) =>
    target.query(`INSERT INTO ${into} VALUES (${values.map((value) => `'${value}'`).join()}, '${NOW}', '${NOW}')`)

  await insert('users (id, username, name, email, password_hash, created_at, updated_at)', ['u', 'u', 'u', 'u', 'u'])
  for (const n of ['1', '2']) {
    await insert('teams (id, name, slug, created_at, updated_at)', [`team-${n}`, n, n])
    await insert('applications (id, team_id, name, created_at, updated_at)', [`app-${n}`, `team-${n}`, n])
  }
  await insert('team_members (team_id, user_id, role_level, created_at, updated_at)', ['team-1', 'u', '30'])
}

function override(target: Sequelize, { application, team }: { application: string; team: string }) {
  return target.query(
    `INSERT INTO role_overrides (application_id, user_id, team_id, role_level, created_at, updated_at)
     VALUES ('${application}', 'u', '${team}', 10, '${NOW}', '${NOW}')`,
  )
}
