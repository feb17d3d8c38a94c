import { columnTypes, runStatements, type Migration } from '../migration.ts'

/**
 * Users, teams and instances are the host's: their ids are plain text here, without foreign keys, because the module
 * may stand in a database of its own.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean, time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE pat_tokens (
      id VARCHAR(36) PRIMARY KEY,
      selector CHAR(12) NOT NULL UNIQUE,
      secret_hash VARCHAR(255) NOT NULL,
      prefilter CHAR(8) NOT NULL,
      key_id CHAR(8) NOT NULL,
      user_id VARCHAR(64) NOT NULL,
      name VARCHAR(100) NOT NULL,
      description VARCHAR(1000) NOT NULL,
      role_level INTEGER NOT NULL CHECK (role_level IN (5, 10, 30, 50)),
      read_only ${boolean} NOT NULL,
      expires_at ${time},
      revoked_at ${time},
      last_used_at ${time},
      last_used_instance_id VARCHAR(64),
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL
    )`,
    'CREATE INDEX pat_tokens_owner ON pat_tokens (user_id, created_at, id)',

    `CREATE TABLE pat_token_grants (
      token_id VARCHAR(36) NOT NULL REFERENCES pat_tokens (id) ON DELETE CASCADE,
      type VARCHAR(11) NOT NULL CHECK (type IN ('instance', 'application', 'team')),
      target_id VARCHAR(64) NOT NULL,
      PRIMARY KEY (token_id, type, target_id)
    )`,
    'CREATE INDEX pat_token_grants_target ON pat_token_grants (type, target_id)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_token_grants', 'DROP TABLE pat_tokens'])
}
