import { columnTypes, runStatements, type Migration } from '../migration.ts'

/**
 * Device codes (RFC 8628), by keyed hashes of their two texts, and how many codes people have entered. What the person
 * has agreed to is kept until the device comes for it; the token does not exist before that.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean, time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE pat_device_codes (
      id VARCHAR(36) PRIMARY KEY,
      device_hash CHAR(64) NOT NULL UNIQUE,
      user_hash CHAR(64) NOT NULL UNIQUE,
      client_id VARCHAR(512) NOT NULL,
      client_name VARCHAR(100) NOT NULL,
      client_team_id VARCHAR(64),
      address VARCHAR(64) NOT NULL,
      resources TEXT NOT NULL,
      read_only ${boolean} NOT NULL,
      state VARCHAR(8) NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
      expires_at ${time} NOT NULL,
      interval_seconds INTEGER NOT NULL,
      last_polled_at ${time},
      approval TEXT,
      created_at ${time} NOT NULL
    )`,
    'CREATE INDEX pat_device_codes_expiry ON pat_device_codes (expires_at)',

    `CREATE TABLE pat_code_entries (
      subject VARCHAR(70) PRIMARY KEY,
      entries INTEGER NOT NULL,
      ends_at ${time} NOT NULL
    )`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_code_entries', 'DROP TABLE pat_device_codes'])
}
