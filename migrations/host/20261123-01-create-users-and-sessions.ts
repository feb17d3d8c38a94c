import { columnTypes, runStatements, type Migration } from '../migration.ts'

export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean, time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE users (
      id VARCHAR(36) PRIMARY KEY,
      username VARCHAR(40) NOT NULL,
      name VARCHAR(100) NOT NULL,
      email VARCHAR(254) NOT NULL,
      password_hash VARCHAR(255) NOT NULL,
      admin ${boolean} NOT NULL DEFAULT false,
      suspended ${boolean} NOT NULL DEFAULT false,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL
    )`,
    // Alice and alice are one person.
    'CREATE UNIQUE INDEX users_username_unique ON users (lower(username))',
    'CREATE UNIQUE INDEX users_email_unique ON users (lower(email))',

    // One row at most can have slot 1: whoever writes it is the first admin, however many try at once.
    `CREATE TABLE first_admin (
      slot INTEGER PRIMARY KEY CHECK (slot = 1),
      created_at ${time} NOT NULL
    )`,

    // The cookie holds 256 random bits; SHA-256 of them is all that a reader of this table learns.
    `CREATE TABLE sessions (
      id VARCHAR(36) PRIMARY KEY,
      sid_hash CHAR(64) NOT NULL UNIQUE,
      user_id VARCHAR(36) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      created_at ${time} NOT NULL,
      last_seen_at ${time} NOT NULL
    )`,
    'CREATE INDEX sessions_user_id ON sessions (user_id)',
    'CREATE INDEX sessions_last_seen_at ON sessions (last_seen_at)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE sessions', 'DROP TABLE first_admin', 'DROP TABLE users'])
}
