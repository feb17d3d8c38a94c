import { isSqlite } from '../watch.ts'
import { columnTypes, runStatements, type Migration } from '../migration.ts'

/**
 * What several forges count together against their limits. Keys are keyed hashes. Nothing here outlives its window, so on
 * PostgreSQL it is not worth a write-ahead log: a crash of the server begins all windows anew.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE ${isSqlite(queryInterface) ? '' : 'UNLOGGED'} TABLE pat_counts (
      key CHAR(43) PRIMARY KEY,
      count INTEGER NOT NULL CHECK (count >= 0),
      ends_at ${time} NOT NULL
    )`,
    'CREATE INDEX pat_counts_end ON pat_counts (ends_at)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_counts'])
}
