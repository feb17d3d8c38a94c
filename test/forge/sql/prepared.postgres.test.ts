import { DatabaseError } from 'sequelize'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { isContention } from '../../../forge/errors/contention.ts'
import { selectPrepared } from '../../../forge/sql/prepared.ts'
import { selectRows } from '../../../forge/sql/rows.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { hasPostgres } from '../../support/postgres.ts'

const DOUBLE = { name: 'test_double', text: 'SELECT CAST($1 AS INTEGER) * 2 AS doubled' }

describe.runIf(hasPostgres)('selectPrepared, on PostgreSQL,', () => {
  let database: TestDatabase
  beforeEach(async () => void (database = await createTestDatabase('postgres')))
  afterEach(() => database.cleanup())

  /** The pool hands out the connection that was given back last. */
  const prepared = () =>
    selectRows<{ name: string }>(database.db, "SELECT name FROM pg_prepared_statements WHERE name = 'test_double'", [])

  it('plans once on a connection', async () => {
    expect(await selectPrepared(database.db, DOUBLE, [4])).toEqual([{ doubled: 8 }])
    expect(await selectPrepared(database.db, DOUBLE, [5])).toEqual([{ doubled: 10 }])
    expect(await prepared()).toHaveLength(1)
  })

  it('answers also where the connection has lost what was prepared, as behind a pooler', async () => {
    await selectPrepared(database.db, DOUBLE, [4])
    await database.db.query('DEALLOCATE ALL')

    expect(await prepared()).toEqual([])
    expect(await selectPrepared(database.db, DOUBLE, [5])).toEqual([{ doubled: 10 }])
  })

  it('answers also after a migration has changed what it selects', async () => {
    await database.db.query('CREATE TABLE things (size INTEGER)')
    await database.db.query('INSERT INTO things VALUES (7)')
    const sizes = { name: 'test_sizes', text: 'SELECT size FROM things WHERE $1 > 0' }
    expect(await selectPrepared(database.db, sizes, [1])).toEqual([{ size: 7 }])

    await database.db.query('ALTER TABLE things ALTER COLUMN size TYPE TEXT')
    await expect(selectPrepared(database.db, sizes, [1])).resolves.toEqual([{ size: '7' }])
  })

  it('fails as Sequelize does, and goes on with the next connection after one that was cut', async () => {
    const failing = selectPrepared(database.db, { name: 'test_bad', text: "SELECT CAST('x' AS INTEGER)" }, [])
    await expect(failing).rejects.toBeInstanceOf(DatabaseError)
    await expect(failing.catch((error: unknown) => isContention(error))).resolves.toBe(false)

    const cut = selectPrepared(
      database.db,
      { name: 'test_cut', text: 'SELECT pg_terminate_backend(pg_backend_pid())' },
      [],
    )
    await expect(cut).rejects.toBeInstanceOf(DatabaseError)
    expect(await selectPrepared(database.db, DOUBLE, [6])).toEqual([{ doubled: 12 }])
  })
})
