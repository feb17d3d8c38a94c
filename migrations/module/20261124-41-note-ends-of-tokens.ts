import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** Whether the end of a token that came by time stands in the audit. The indexes hold only what is still to be said. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean } = columnTypes(queryInterface)
  const unsaid = 'WHERE NOT end_noted AND revoked_at IS NULL'

  await runStatements(queryInterface, [
    `ALTER TABLE pat_tokens ADD COLUMN end_noted ${boolean} NOT NULL DEFAULT false`,
    `CREATE INDEX pat_tokens_expiry_to_note ON pat_tokens (expires_at) ${unsaid}`,
    `CREATE INDEX pat_tokens_grace_to_note ON pat_tokens (retires_at) ${unsaid} AND retires_at IS NOT NULL`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    'DROP INDEX pat_tokens_grace_to_note',
    'DROP INDEX pat_tokens_expiry_to_note',
    'ALTER TABLE pat_tokens DROP COLUMN end_noted',
  ])
}
