import { runStatements, type Migration } from '../migration.ts'
import { isSqlite } from '../watch.ts'

/** What the inventory looks for a text in (`forge/oversight/reaching.ts`). */
const TEXT = "lower(name || '\n' || selector)"

/**
 * Finds one or two letters among many names, which an index of threes cannot: a word of two letters is a whole word in
 * Chinese. On SQLite the names are read one after the other.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  if (isSqlite(queryInterface)) return

  await runStatements(queryInterface, [
    // What it costs keeps PostgreSQL from asking it of every row.
    `CREATE OR REPLACE FUNCTION pat_short_pieces(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 500 AS $$
       SELECT ARRAY(SELECT substr($1, at, size) FROM generate_series(1, length($1)) at, generate_series(1, 2) size)
     $$`,
    `CREATE INDEX IF NOT EXISTS pat_tokens_short_pieces ON pat_tokens USING gin (pat_short_pieces(${TEXT}))`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  if (isSqlite(queryInterface)) return

  await runStatements(queryInterface, ['DROP INDEX pat_tokens_short_pieces', 'DROP FUNCTION pat_short_pieces(text)'])
}
