import { describe } from 'vitest'

import { onPostgres } from '../../support/on-postgres.ts'

/** What speaks SQL of its own. */
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

onPostgres(async () => {
  // A suite for each, so that it has its own forge and its own hooks.
  describe.each(FILES)('%s', async (file) => {
    await import(file)
  })
})
