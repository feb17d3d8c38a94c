import { runStatements, type Migration } from '../migration.ts'
import { isSqlite } from '../watch.ts'

/** What the inventory looks for a text in (`forge/oversight/reaching.ts`). */
const TEXT = "lower(name || '\n' || selector)"

/**
 * Finds a piece of a name among many tokens, where PostgreSQL has its extension `pg_trgm` and lets us have it, as it lets
 * the owner of a database. Without it, as on SQLite, the names are read one after the other.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  if (isSqlite(queryInterface)) return

  await runStatements(queryInterface, [
    `DO $$ BEGIN
       CREATE EXTENSION IF NOT EXISTS pg_trgm;
       CREATE INDEX IF NOT EXISTS pat_tokens_text ON pat_tokens USING gin (${TEXT} gin_trgm_ops);
     EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
       RAISE NOTICE 'no index of the names of tokens: %', SQLERRM;
     END $$`,
  ])
}

/** The extension stays: somebody else may use it. */
export const down: Migration['down'] = async ({ context: queryInterface }) => {
  if (!isSqlite(queryInterface)) await runStatements(queryInterface, ['DROP INDEX IF EXISTS pat_tokens_text'])
}
