import { columnTypes, runStatements, type Migration } from '../migration.ts'

export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    // The unique key is what keeps forges side by side from saying something twice.
    `CREATE TABLE pat_notices (
      id VARCHAR(36) PRIMARY KEY,
      user_id VARCHAR(64) NOT NULL,
      kind VARCHAR(32) NOT NULL,
      body TEXT NOT NULL,
      dedupe_key VARCHAR(150) NOT NULL,
      created_at ${time} NOT NULL,
      read_at ${time},
      mailed_at ${time},
      mail_attempts INTEGER NOT NULL DEFAULT 0,
      mail_due_at ${time},
      UNIQUE (user_id, dedupe_key)
    )`,
    'CREATE INDEX pat_notices_person ON pat_notices (user_id, created_at, id)',
    'CREATE INDEX pat_notices_created_at ON pat_notices (created_at)',
    // Only what is still to be mailed: a few rows out of many.
    'CREATE INDEX pat_notices_mail_due_at ON pat_notices (mail_due_at) WHERE mail_due_at IS NOT NULL',

    // Who was told of which end, and how many days ahead. Another expiry is another end.
    `CREATE TABLE pat_expiry_warnings (
      token_id VARCHAR(36) NOT NULL REFERENCES pat_tokens (id) ON DELETE CASCADE,
      expires_on CHAR(10) NOT NULL,
      days_ahead INTEGER NOT NULL,
      PRIMARY KEY (token_id, expires_on, days_ahead)
    )`,
    'CREATE INDEX pat_expiry_warnings_day ON pat_expiry_warnings (expires_on)',

    // For the digest and for the removal of tokens that ended long ago.
    'CREATE INDEX pat_tokens_expires_at ON pat_tokens (expires_at)',
    'CREATE INDEX pat_tokens_revoked_at ON pat_tokens (revoked_at)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    'DROP INDEX pat_tokens_revoked_at',
    'DROP INDEX pat_tokens_expires_at',
    'DROP TABLE pat_expiry_warnings',
    'DROP TABLE pat_notices',
  ])
}
