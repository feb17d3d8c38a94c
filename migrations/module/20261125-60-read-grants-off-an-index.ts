import { runStatements, type Migration } from '../migration.ts'
import { isSqlite } from '../watch.ts'

/**
 * Counts what leads to an instance without a look at the table. The statistics tell PostgreSQL that tens of thousands may
 * name one team: expecting a few, it would look each of them up. They say nothing before the table is analysed.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    'CREATE INDEX IF NOT EXISTS pat_token_grants_target_token ON pat_token_grants (type, target_id, token_id)',
  ])
  if (isSqlite(queryInterface)) return

  await runStatements(queryInterface, [
    'CREATE STATISTICS pat_token_grants_type_and_target ON type, target_id FROM pat_token_grants',
    'ANALYZE pat_token_grants',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  if (!isSqlite(queryInterface)) {
    await runStatements(queryInterface, ['DROP STATISTICS pat_token_grants_type_and_target'])
  }
  await runStatements(queryInterface, ['DROP INDEX pat_token_grants_target_token'])
}
