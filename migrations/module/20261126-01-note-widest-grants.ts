import { columnTypes, runStatements, type Migration } from '../migration.ts'
import { isSqlite } from '../watch.ts'

/**
 * The one grant of a token that reaches furthest, noted with the token: what reaches an instance is then a range of one
 * index for each kind of target, and only the grants beside it are looked up. Tokens that were there before, and those
 * that an older version writes, have none noted, and are found through their grants until housekeeping notes theirs.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean } = columnTypes(queryInterface)

  // Tokens first, as nearly all statements of a forge take them: else the two would wait for each other.
  await runStatements(queryInterface, [
    'ALTER TABLE pat_tokens ADD COLUMN widest_grant VARCHAR(76)',
    'CREATE INDEX pat_tokens_widest_grant ON pat_tokens (widest_grant, created_at, id)',
    `ALTER TABLE pat_token_grants ADD COLUMN widest ${boolean} NOT NULL DEFAULT false`,
    'CREATE INDEX pat_token_grants_narrower ON pat_token_grants (type, target_id, token_id) WHERE NOT widest',
    ...(isSqlite(queryInterface) ? SQLITE_TRIGGERS : POSTGRES_TRIGGERS),
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  const sqlite = isSqlite(queryInterface)
  const on = sqlite ? '' : ' ON pat_token_grants'

  await runStatements(queryInterface, [
    `DROP TRIGGER pat_token_grants_forget_deleted${on}`,
    `DROP TRIGGER pat_token_grants_forget_changed${on}`,
    ...(sqlite ? [] : ['DROP FUNCTION pat_forget_widest_grant']),
    'DROP INDEX pat_token_grants_narrower',
    'ALTER TABLE pat_token_grants DROP COLUMN widest',
    'DROP INDEX pat_tokens_widest_grant',
    'ALTER TABLE pat_tokens DROP COLUMN widest_grant',
  ])
}

/** Whoever takes the grant away, a version before this one or a hand, takes the note away. */
const CLEAR_NOTE = `UPDATE pat_tokens SET widest_grant = NULL
  WHERE id = OLD.token_id AND widest_grant = OLD.type || ' ' || OLD.target_id;`

/** The grant that it was changed into is not noted. */
const CLEAR_MARK = `UPDATE pat_token_grants SET widest = false
  WHERE token_id = NEW.token_id AND type = NEW.type AND target_id = NEW.target_id AND widest;`

const DELETED = 'CREATE TRIGGER pat_token_grants_forget_deleted AFTER DELETE ON pat_token_grants FOR EACH ROW'
const CHANGED = `CREATE TRIGGER pat_token_grants_forget_changed
  AFTER UPDATE OF token_id, type, target_id ON pat_token_grants FOR EACH ROW`

const SQLITE_TRIGGERS = [
  `${DELETED} WHEN OLD.widest BEGIN ${CLEAR_NOTE} END`,
  `${CHANGED} WHEN OLD.widest BEGIN ${CLEAR_NOTE} ${CLEAR_MARK} END`,
]

const POSTGRES_TRIGGERS = [
  `CREATE FUNCTION pat_forget_widest_grant() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       ${CLEAR_NOTE}
       IF TG_OP = 'UPDATE' THEN ${CLEAR_MARK} END IF;
       RETURN NULL;
     END $$`,
  `${DELETED} WHEN (OLD.widest) EXECUTE FUNCTION pat_forget_widest_grant()`,
  `${CHANGED} WHEN (OLD.widest) EXECUTE FUNCTION pat_forget_widest_grant()`,
]
