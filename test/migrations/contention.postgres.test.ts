import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'

import { migrate, migrateDown } from '../../forge/host/database.ts'
import { selectRows } from '../../forge/sql/rows.ts'
import { migrations } from '../../migrations/index.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { hasPostgres } from '../support/postgres.ts'

/** It locks both tables, tokens first. */
const LOCKS_BOTH = 'module/20261126-01-note-widest-grants'

it.runIf(hasPostgres)('a migration that a forge at work stands in the way of is tried again', async () => {
  const { db, url, cleanup } = await createTestDatabase('postgres')
  const forge = new pg.Client({ connectionString: url })
  onTestFinished(async () => {
    await forge.end()
    await cleanup()
  })
  await migrateDown(db, { to: LOCKS_BOTH })
  await forge.connect()

  await forge.query('BEGIN; SELECT 1 FROM pat_token_grants')
  const migrating = migrate(db)
  const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'pat_token_grants'::regclass"
  await eventually(async () => expect(await selectRows(db, waiting, [])).toHaveLength(1))
  // PostgreSQL ends who has waited longest: the migration.
  await forge.query('SELECT 1 FROM pat_tokens')
  await forge.query('COMMIT')
  await migrating

  expect(await selectRows(db, 'SELECT name FROM migrations', [])).toHaveLength(migrations.length)
})
