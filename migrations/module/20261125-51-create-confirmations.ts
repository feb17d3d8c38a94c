import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** Which instances listen to which forge, and which of them have confirmed that they know a token has been revoked. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean, time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE pat_listeners (
      id VARCHAR(36) PRIMARY KEY,
      forge_id VARCHAR(36) NOT NULL,
      instance_id VARCHAR(64) NOT NULL,
      confirms ${boolean} NOT NULL,
      since ${time} NOT NULL,
      seen_at ${time} NOT NULL
    )`,
    'CREATE INDEX pat_listeners_instance ON pat_listeners (instance_id)',
    'CREATE INDEX pat_listeners_forge ON pat_listeners (forge_id)',

    // Of a listener that has gone the confirmation stays: what it knew it knew.
    `CREATE TABLE pat_confirmations (
      token_id VARCHAR(36) NOT NULL REFERENCES pat_tokens (id) ON DELETE CASCADE,
      listener_id VARCHAR(36) NOT NULL,
      instance_id VARCHAR(64) NOT NULL,
      confirmed_at ${time} NOT NULL,
      PRIMARY KEY (token_id, listener_id)
    )`,
    'CREATE INDEX pat_confirmations_age ON pat_confirmations (confirmed_at)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_confirmations', 'DROP TABLE pat_listeners'])
}
