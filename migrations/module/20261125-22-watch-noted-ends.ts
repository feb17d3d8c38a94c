import { runStatements, type Migration } from '../migration.ts'
import { isSqlite, unwatch, watch, type WatchedTable } from '../watch.ts'

/** As in `20261124-32-limit-tokens-to-tools`. */
const WATCHED: WatchedTable = {
  table: 'pat_tokens',
  concerns: { kind: 'token', column: 'id' },
  columns: [
    ...['id', 'selector', 'secret_hash', 'prefilter', 'key_id', 'user_id', 'name', 'role_level', 'read_only'],
    ...['created_at', 'expires_at', 'revoked_at', 'retires_at', 'family_id', 'ends_grace'],
    ...['issued_via', 'issued_to_id', 'parent_id', 'tools'],
  ],
}

/** Decisions look at the noted end of a token, so that no clock brings it back. A change of it is noticed. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const now = isSqlite(queryInterface) ? "strftime('%Y-%m-%d %H:%M:%f +00:00', 'now')" : 'clock_timestamp()'

  await runStatements(queryInterface, [
    // Until now the mark only said that the audit knows; where an end was put off at that moment the token lives on.
    `UPDATE pat_tokens SET end_noted = false
      WHERE end_noted AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${now})
        AND (retires_at IS NULL OR retires_at > ${now})`,
  ])
  await unwatch(queryInterface, 'pat_tokens')
  await watch(queryInterface, { ...WATCHED, columns: [...WATCHED.columns, 'end_noted'] })
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await unwatch(queryInterface, 'pat_tokens')
  await watch(queryInterface, WATCHED)
}
