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

describe.runIf(hasPostgres)('on PostgreSQL', async () => {
  // Read when the first of the files imports `test/support/forge.ts`.
  process.env['FORGE_TEST_DIALECT'] = 'postgres'
  for (const file of FILES) await import(file)
})
