import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** What was reported and not looked at yet, sealed under a server key. Rows go as soon as they are done with. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE pat_leak_reports (
      id VARCHAR(36) PRIMARY KEY,
      key_id CHAR(8) NOT NULL,
      sealed TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      due_at ${time} NOT NULL,
      created_at ${time} NOT NULL
    )`,
    'CREATE INDEX pat_leak_reports_due_at ON pat_leak_reports (due_at)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_leak_reports'])
}
