import { columnTypes, runStatements, type Migration } from '../migration.ts'

/**
 * The one team that all grants of a token are in, so that a team's list is a range of one index. Tokens of several
 * teams, and those that were there before, have none: they are found through their grants, which say so.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    'ALTER TABLE pat_tokens ADD COLUMN team_id VARCHAR(64)',
    'CREATE INDEX pat_tokens_team ON pat_tokens (team_id, created_at, id)',
    `ALTER TABLE pat_token_grants ADD COLUMN in_one_team ${boolean} NOT NULL DEFAULT false`,
    'CREATE INDEX pat_token_grants_elsewhere_too ON pat_token_grants (type, target_id, token_id) WHERE NOT in_one_team',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    'DROP INDEX pat_token_grants_elsewhere_too',
    'ALTER TABLE pat_token_grants DROP COLUMN in_one_team',
    'DROP INDEX pat_tokens_team',
    'ALTER TABLE pat_tokens DROP COLUMN team_id',
  ])
}
