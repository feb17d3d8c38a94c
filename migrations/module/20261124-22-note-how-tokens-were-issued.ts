import { columnTypes, runStatements, type Migration } from '../migration.ts'

/**
 * How a token came about: minted on the page, asked for by a device, or exchanged from another one, its parent.
 * No foreign key to the parent: one that is gone is as good as dead, and the decision says so.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    `ALTER TABLE pat_tokens ADD COLUMN issued_via VARCHAR(8) NOT NULL DEFAULT 'page'
       CHECK (issued_via IN ('page', 'device', 'exchange'))`,
    'ALTER TABLE pat_tokens ADD COLUMN issued_to_id VARCHAR(512)',
    'ALTER TABLE pat_tokens ADD COLUMN issued_to_name VARCHAR(100)',
    'ALTER TABLE pat_tokens ADD COLUMN parent_id VARCHAR(36)',
    'CREATE INDEX pat_tokens_parent ON pat_tokens (parent_id)',
    `CREATE TABLE pat_oauth_clients (
      id VARCHAR(36) PRIMARY KEY,
      team_id VARCHAR(64) NOT NULL,
      name VARCHAR(100) NOT NULL,
      created_by VARCHAR(64) NOT NULL,
      created_at ${columnTypes(queryInterface).time} NOT NULL
    )`,
    'CREATE INDEX pat_oauth_clients_team ON pat_oauth_clients (team_id, created_at)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    'DROP TABLE pat_oauth_clients',
    'DROP INDEX pat_tokens_parent',
    'ALTER TABLE pat_tokens DROP COLUMN parent_id',
    'ALTER TABLE pat_tokens DROP COLUMN issued_to_name',
    'ALTER TABLE pat_tokens DROP COLUMN issued_to_id',
    'ALTER TABLE pat_tokens DROP COLUMN issued_via',
  ])
}
