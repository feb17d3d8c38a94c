import { runStatements, type Migration } from '../migration.ts'

/** Which server key a credential is kept under; unknown until the next use of one that was issued before. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['ALTER TABLE instance_credentials ADD COLUMN key_id CHAR(8)'])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['ALTER TABLE instance_credentials DROP COLUMN key_id'])
}
