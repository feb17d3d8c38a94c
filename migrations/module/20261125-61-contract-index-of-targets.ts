import { runStatements, type Migration } from '../migration.ts'

/** The one that has the tokens too does its work, also for a version of before. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP INDEX pat_token_grants_target'])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['CREATE INDEX pat_token_grants_target ON pat_token_grants (type, target_id)'])
}
