import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** What was presented in place of a token, by kind alone. `token_id` is empty where nothing of a token could be read. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE pat_slips (
      token_id VARCHAR(36) NOT NULL,
      instance_id VARCHAR(64) NOT NULL,
      slip VARCHAR(32) NOT NULL,
      seen_at ${time} NOT NULL,
      PRIMARY KEY (token_id, instance_id, slip)
    )`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_slips'])
}
