import { columnTypes, runStatements, type Migration } from '../migration.ts'

const COLUMNS = [
  'family_id',
  'replaced_by_id',
  'retires_at',
  'retires_on_first_use',
  'ends_grace',
  'end_reason',
  'last_used_client',
  'last_used_address',
  'alarm_at',
  'alarm_instance_id',
  'alarm_client',
]

/** Rotation, its grace, the alarm of a retired token, and who used a token last. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean, time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    'ALTER TABLE pat_tokens ADD COLUMN family_id VARCHAR(36)',
    'UPDATE pat_tokens SET family_id = id',
    'ALTER TABLE pat_tokens ADD COLUMN replaced_by_id VARCHAR(36)',
    `ALTER TABLE pat_tokens ADD COLUMN retires_at ${time}`,
    `ALTER TABLE pat_tokens ADD COLUMN retires_on_first_use ${boolean} NOT NULL DEFAULT false`,
    `ALTER TABLE pat_tokens ADD COLUMN ends_grace ${boolean} NOT NULL DEFAULT false`,
    'ALTER TABLE pat_tokens ADD COLUMN end_reason VARCHAR(32)',
    'ALTER TABLE pat_tokens ADD COLUMN last_used_client VARCHAR(200)',
    'ALTER TABLE pat_tokens ADD COLUMN last_used_address VARCHAR(64)',
    `ALTER TABLE pat_tokens ADD COLUMN alarm_at ${time}`,
    'ALTER TABLE pat_tokens ADD COLUMN alarm_instance_id VARCHAR(64)',
    'ALTER TABLE pat_tokens ADD COLUMN alarm_client VARCHAR(200)',
    'CREATE UNIQUE INDEX pat_tokens_replaced_by ON pat_tokens (replaced_by_id)',
    'CREATE INDEX pat_tokens_family ON pat_tokens (family_id)',

    `CREATE TABLE pat_token_days (
      token_id VARCHAR(36) NOT NULL REFERENCES pat_tokens (id) ON DELETE CASCADE,
      day CHAR(10) NOT NULL,
      uses INTEGER NOT NULL,
      PRIMARY KEY (token_id, day)
    )`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    'DROP TABLE pat_token_days',
    'DROP INDEX pat_tokens_family',
    'DROP INDEX pat_tokens_replaced_by',
    ...COLUMNS.map((column) => `ALTER TABLE pat_tokens DROP COLUMN ${column}`),
  ])
}
