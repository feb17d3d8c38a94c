import { describe } from 'vitest'

import { hasPostgres } from './postgres.ts'

/** The tests of other files once more, with PostgreSQL behind each forge that they start. @param load imports them */
export function onPostgres(load: () => Promise<unknown>): void {
  describe.runIf(hasPostgres)('on PostgreSQL', async () => void (await load()))
}
