import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'

/** The life of a token and its races, once more on PostgreSQL: one SQLite connection proves nothing about them. */
const FILES = [
  './tokens.test.ts',
  './token-life.test.ts',
  './last-use.test.ts',
  './explain.test.ts',
  './revoked-in-use.test.ts',
]

describe.runIf(hasPostgres)('on PostgreSQL', () => {
  // Read when the first of the files imports `test/support/forge.ts`.
  process.env['FORGE_TEST_DIALECT'] = 'postgres'

  describe.each(FILES)('%s', async (file) => {
    await import(file)
  })
})
