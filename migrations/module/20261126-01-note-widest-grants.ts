import { columnTypes, runStatements, type Migration } from '../migration.ts'
import { isSqlite } from '../watch.ts'

/**
 * The one grant of a token that reaches furthest, noted with the token: what reaches an instance is then a range of one
 * index for each kind of target, and only the grants beside it are looked up. Tokens that were there before, and those
 * that an older version writes, have none noted and are found through their grants until housekeeping notes it.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    'ALTER TABLE pat_tokens ADD COLUMN widest_grant VARCHAR(76)',
    'CREATE INDEX pat_tokens_widest_grant ON pat_tokens (widest_grant, created_at, id)',
    `ALTER TABLE pat_token_grants ADD COLUMN widest ${boolean} NOT NULL DEFAULT false`,
    'CREATE INDEX pat_token_grants_narrower ON pat_token_grants (type, target_id, token_id) WHERE NOT widest',
    ...(isSqlite(queryInterface) ? SQLITE_TRIGGER : POSTGRES_TRIGGER),
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    ...(isSqlite(queryInterface)
      ? ['DROP TRIGGER pat_token_grants_forget_widest']
      : ['DROP TRIGGER pat_token_grants_forget_widest ON pat_token_grants', 'DROP FUNCTION pat_forget_widest_grant']),
    'DROP INDEX pat_token_grants_narrower',
    'ALTER TABLE pat_token_grants DROP COLUMN widest',
    'DROP INDEX pat_tokens_widest_grant',
    'ALTER TABLE pat_tokens DROP COLUMN widest_grant',
  ])
}

/** Whoever takes the grant away, a version before this one too, takes the note away. */
const FORGET = `UPDATE pat_tokens SET widest_grant = NULL
  WHERE id = OLD.token_id AND widest_grant = OLD.type || ' ' || OLD.target_id`

const WHEN_DELETED = 'CREATE TRIGGER pat_token_grants_forget_widest AFTER DELETE ON pat_token_grants FOR EACH ROW'

const SQLITE_TRIGGER = [`${WHEN_DELETED} WHEN OLD.widest BEGIN ${FORGET}; END`]

const POSTGRES_TRIGGER = [
  `CREATE FUNCTION pat_forget_widest_grant() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN ${FORGET}; RETURN NULL; END $$`,
  `${WHEN_DELETED} WHEN (OLD.widest) EXECUTE FUNCTION pat_forget_widest_grant()`,
]
