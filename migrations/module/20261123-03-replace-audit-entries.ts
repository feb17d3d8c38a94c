import type { QueryInterface } from 'sequelize'

import { columnTypes, runStatements, type Migration } from '../migration.ts'
import { up as createFormerTable } from './20261123-02-create-audit-entries.ts'

/**
 * Entries with a proof, an actor of any kind and names of their own; checkpoints over them; and how far they have been
 * streamed. The entries of the former table are not taken over: nobody can vouch for them any more.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)
  const { bytewise, milliseconds } = dialectOf(queryInterface)

  await runStatements(queryInterface, [
    'DROP TABLE pat_audit_entries',
    `CREATE TABLE pat_audit_entries (
      id VARCHAR(36) ${bytewise} PRIMARY KEY,
      occurrence_id VARCHAR(36) NOT NULL,
      created_at ${milliseconds} NOT NULL,
      event VARCHAR(64) NOT NULL,
      scope_type VARCHAR(8) NOT NULL CHECK (scope_type IN ('user', 'team', 'platform')),
      scope_id VARCHAR(64) NOT NULL,
      scope_name TEXT NOT NULL,
      actor_type VARCHAR(17) NOT NULL,
      actor_id VARCHAR(64) NOT NULL,
      actor_name TEXT NOT NULL,
      user_id VARCHAR(64),
      username TEXT,
      token_id VARCHAR(36),
      token_name TEXT,
      owner_id VARCHAR(64),
      owner_name TEXT,
      session_id VARCHAR(64),
      request_id TEXT,
      address TEXT,
      body TEXT NOT NULL,
      key_id CHAR(8) NOT NULL,
      mac CHAR(64) NOT NULL,
      sequence BIGINT UNIQUE,
      seal CHAR(64)
    )`,
    'CREATE INDEX pat_audit_entries_scope ON pat_audit_entries (scope_type, scope_id, id)',
    'CREATE INDEX pat_audit_entries_token ON pat_audit_entries (token_id, id)',
    'CREATE INDEX pat_audit_entries_unsealed ON pat_audit_entries (id) WHERE sequence IS NULL',

    `CREATE TABLE pat_audit_checkpoints (
      number BIGINT PRIMARY KEY,
      created_at ${milliseconds} NOT NULL,
      first_sequence BIGINT NOT NULL,
      last_sequence BIGINT NOT NULL,
      seals_digest CHAR(64) NOT NULL,
      previous_mac CHAR(64),
      key_id CHAR(8) NOT NULL,
      mac CHAR(64) NOT NULL
    )`,
    'CREATE INDEX pat_audit_checkpoints_sequence ON pat_audit_checkpoints (last_sequence)',

    `CREATE TABLE pat_audit_streams (
      sink VARCHAR(16) PRIMARY KEY,
      position BIGINT NOT NULL,
      updated_at ${time} NOT NULL
    )`,
    ...appendOnly(queryInterface),
  ])
}

export const down: Migration['down'] = async (params) => {
  const { context: queryInterface } = params
  await runStatements(queryInterface, [
    'DROP TABLE pat_audit_streams',
    'DROP TABLE pat_audit_checkpoints',
    'DROP TABLE pat_audit_entries',
    ...(isPostgres(queryInterface) ? ['DROP FUNCTION pat_audit_append_only()'] : []),
  ])
  await createFormerTable(params)
}

const isPostgres = (queryInterface: QueryInterface) => queryInterface.sequelize.getDialect() === 'postgres'

/** `bytewise`: ids sort as bytes whatever the language of the database. `milliseconds`: no finer than a proof covers. */
function dialectOf(queryInterface: QueryInterface) {
  return isPostgres(queryInterface)
    ? { bytewise: 'COLLATE "C"', milliseconds: 'TIMESTAMP(3) WITH TIME ZONE' }
    : { bytewise: 'COLLATE BINARY', milliseconds: 'DATETIME' }
}

/**
 * Keeps mistakes out: an entry is written, gets its number once, and stays. Whoever owns the database can take these
 * triggers away; that is what the proofs are for.
 */
function appendOnly(queryInterface: QueryInterface): string[] {
  return isPostgres(queryInterface) ? POSTGRES_APPEND_ONLY : SQLITE_APPEND_ONLY
}

const POSTGRES_APPEND_ONLY = [
  `CREATE FUNCTION pat_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
   'BEGIN RAISE EXCEPTION ''the audit is append-only''; END'`,
  `CREATE TRIGGER pat_audit_entries_update BEFORE UPDATE ON pat_audit_entries
   FOR EACH ROW WHEN (OLD.sequence IS NOT NULL) EXECUTE FUNCTION pat_audit_append_only()`,
  ...['pat_audit_entries', 'pat_audit_checkpoints'].flatMap((table) => [
    `CREATE TRIGGER ${table}_delete BEFORE DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION pat_audit_append_only()`,
    `CREATE TRIGGER ${table}_truncate BEFORE TRUNCATE ON ${table} EXECUTE FUNCTION pat_audit_append_only()`,
  ]),
  `CREATE TRIGGER pat_audit_checkpoints_update BEFORE UPDATE ON pat_audit_checkpoints
   FOR EACH ROW EXECUTE FUNCTION pat_audit_append_only()`,
]

const refuse = "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
const SQLITE_APPEND_ONLY = [
  `CREATE TRIGGER pat_audit_entries_update BEFORE UPDATE ON pat_audit_entries
   FOR EACH ROW WHEN OLD.sequence IS NOT NULL ${refuse}`,
  `CREATE TRIGGER pat_audit_entries_delete BEFORE DELETE ON pat_audit_entries ${refuse}`,
  `CREATE TRIGGER pat_audit_checkpoints_update BEFORE UPDATE ON pat_audit_checkpoints ${refuse}`,
  `CREATE TRIGGER pat_audit_checkpoints_delete BEFORE DELETE ON pat_audit_checkpoints ${refuse}`,
]
