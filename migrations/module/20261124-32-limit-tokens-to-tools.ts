import { runStatements, type Migration } from '../migration.ts'
import { unwatch, watch, type WatchedTable } from '../watch.ts'

/** As in `20261124-30-watch-changes`. */
const WATCHED: WatchedTable = {
  table: 'pat_tokens',
  concerns: { kind: 'token', column: 'id' },
  columns: [
    ...['id', 'selector', 'secret_hash', 'prefilter', 'key_id', 'user_id', 'name', 'role_level', 'read_only'],
    ...['created_at', 'expires_at', 'revoked_at', 'retires_at', 'family_id', 'ends_grace'],
    ...['issued_via', 'issued_to_id', 'parent_id'],
  ],
}

/** The names of the only tools that a token may call, as JSON; null for no such limit. A change of it is noticed. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await unwatch(queryInterface, 'pat_tokens')
  await runStatements(queryInterface, ['ALTER TABLE pat_tokens ADD COLUMN tools TEXT'])
  await watch(queryInterface, { ...WATCHED, columns: [...WATCHED.columns, 'tools'] })
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await unwatch(queryInterface, 'pat_tokens')
  await runStatements(queryInterface, ['ALTER TABLE pat_tokens DROP COLUMN tools'])
  await watch(queryInterface, WATCHED)
}
