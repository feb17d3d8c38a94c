import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** Append-only: no code changes or deletes a row. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE pat_audit_entries (
      id VARCHAR(36) PRIMARY KEY,
      event VARCHAR(64) NOT NULL,
      scope_type VARCHAR(16) NOT NULL,
      scope_id VARCHAR(64) NOT NULL,
      actor_id VARCHAR(64),
      session_id VARCHAR(64),
      token_id VARCHAR(36),
      request_id VARCHAR(64),
      address VARCHAR(64),
      body TEXT NOT NULL,
      created_at ${time} NOT NULL
    )`,
    'CREATE INDEX pat_audit_entries_scope ON pat_audit_entries (scope_type, scope_id, created_at)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_audit_entries'])
}
