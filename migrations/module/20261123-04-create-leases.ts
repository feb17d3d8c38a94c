import { columnTypes, runStatements, type Migration } from '../migration.ts'

export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    // A row is a claim by one process, until it deletes the row or the time has passed.
    `CREATE TABLE pat_leases (
      name VARCHAR(64) PRIMARY KEY,
      holder CHAR(36) NOT NULL,
      expires_at ${time} NOT NULL
    )`,

    // When each task of the housekeeper was last done, by whichever process.
    `CREATE TABLE pat_task_runs (
      task VARCHAR(64) PRIMARY KEY,
      done_at ${time} NOT NULL
    )`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_task_runs', 'DROP TABLE pat_leases'])
}
