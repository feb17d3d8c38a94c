import { describe } from 'vitest'

import { hasPostgres } from '../../support/postgres.ts'

/** What speaks SQL of its own, once more on PostgreSQL. */
const FILES = [
  './directory.test.ts',
  './permissions.test.ts',
  './applications/routes.test.ts',
  './instances/routes.test.ts',
  './sessions/routes.test.ts',
  './teams/member-routes.test.ts',
  './teams/routes.test.ts',
  './users/routes.test.ts',
]

describe.runIf(hasPostgres)('on PostgreSQL', () => {
  // Read when the first of the files imports `test/support/forge.ts`.
  process.env['FORGE_TEST_DIALECT'] = 'postgres'

  // A suite for each, so that it has its own forge and its own hooks.
  describe.each(FILES)('%s', async (file) => {
    await import(file)
  })
})
