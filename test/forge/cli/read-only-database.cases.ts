import { QueryTypes } from 'sequelize'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { verifyAudit } from '../../../forge/audit/verify.ts'
import { withReadOnlyDatabase } from '../../../forge/cli/read-only-database.ts'
import { createTestDatabase, type Dialect, type TestDatabase } from '../../support/database.ts'
import { auditOn, inOwnLog, keys, writeAll } from '../audit/entries.ts'

/** What must hold of the commands' connection, on whichever database. */
export function readOnlyDatabaseCases(dialect: Dialect): void {
  let database: TestDatabase

  beforeEach(async () => {
    database = await createTestDatabase(dialect)
  })
  afterEach(() => database.cleanup())

  it('reads while the forge writes', async () => {
    await withReadOnlyDatabase(database.url, async (db) => {
      await writeAll(database.db, auditOn(database.db), [inOwnLog])

      expect(await db.query('SELECT event FROM pat_audit_entries', { type: QueryTypes.SELECT })).toHaveLength(1)
    })
  })

  it('verifies the audit', async () => {
    await writeAll(database.db, auditOn(database.db), [inOwnLog])

    const report = await withReadOnlyDatabase(database.url, (db) => verifyAudit(db, [keys]))
    expect(report).toMatchObject({ entries: 1, problemCount: 0 })
  })

  it.each(['INSERT INTO pat_leases SELECT * FROM pat_leases', 'DELETE FROM pat_tokens', 'CREATE TABLE x (y INTEGER)'])(
    'refuses %j',
    async (sql) => {
      const writing = withReadOnlyDatabase(database.url, (db) => db.query(sql))

      await expect(writing).rejects.toThrow(/read-?only/)
    },
  )
}
