import { readFile } from 'node:fs/promises'

import type { Sequelize } from 'sequelize'
import { expect, it, onTestFinished } from 'vitest'

import { migrate, migrateDown } from '../../forge/host/database.ts'
import { selectRows } from '../../forge/sql/rows.ts'
import { createTestDatabase } from '../support/database.ts'
import { hasPostgres } from '../support/postgres.ts'

/** The migrations that make what docs/admin/operation.md makes beforehand. */
const FIRST = 'module/20261125-23-find-tokens-by-text'

const indexesOf = async (db: Sequelize) =>
  (await selectRows<{ line: string }>(db, 'SELECT indexdef AS line FROM pg_indexes ORDER BY indexname', []))
    .map(({ line }) => line)
    .filter((line) => line.includes(' public.pat_token'))

/** What the function does, however it is laid out. */
async function functionOf(db: Sequelize): Promise<string | undefined> {
  const sql = "SELECT pg_get_functiondef('pat_short_pieces'::regproc) AS text"
  const [row] = await selectRows<{ text: string }>(db, sql, [])
  return row?.text.replace(/\s+/g, ' ')
}

it.runIf(hasPostgres)('indexes that were made by hand, as the docs say, are found by the migrations', async () => {
  const { db, cleanup } = await createTestDatabase('postgres')
  onTestFinished(cleanup)
  const made = await indexesOf(db)
  await migrateDown(db, { to: FIRST })
  const before = await indexesOf(db)

  const docs = await readFile(new URL('../../docs/admin/operation.md', import.meta.url), 'utf8')
  const [, statements = ''] = /```sql\n((?:(?!```)[^])*CONCURRENTLY(?:(?!```)[^])*)```/.exec(docs) ?? []
  for (const statement of statements.split(/;\n(?=CREATE|\n|$)/)) if (statement.trim()) await db.query(statement)

  const byHand = (await indexesOf(db)).filter((line) => !before.includes(line))
  expect(byHand).toHaveLength(4)
  expect(made).toEqual(expect.arrayContaining(byHand))
  const written = await functionOf(db)
  await migrate(db)
  expect(await indexesOf(db)).toEqual(made)
  expect(await functionOf(db)).toBe(written)
})
