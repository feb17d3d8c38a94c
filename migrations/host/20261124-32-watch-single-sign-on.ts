import type { Migration } from '../migration.ts'
import { unwatch, watch } from '../watch.ts'

/** What single sign-on adds to a decision's facts: who reaches a team through what, and when they last did. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await watch(
    queryInterface,
    { table: 'sso_teams', concerns: { kind: 'team', column: 'team_id' }, columns: ['team_id', 'provider_id'] },
    {
      table: 'sso_identities',
      concerns: { kind: 'user', column: 'user_id' },
      columns: ['provider_id', 'user_id', 'signed_in_at', 'auth_time', 'amr', 'groups_json'],
    },
  )
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await unwatch(queryInterface, 'sso_identities', 'sso_teams')
}
