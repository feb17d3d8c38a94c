import { afterEach, describe, expect, it } from 'vitest'

import { openDatabase } from '../../../forge/host/database.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import { createApplication, createInstance, createTeam, createUser, mintToken } from '../../support/builders.ts'
import { createTestDatabase, type Dialect } from '../../support/database.ts'
import { killForgeProcesses, startForgeProcess } from '../../support/forge-process.ts'
import { startForge } from '../../support/forge.ts'
import { hasPostgres } from '../../support/postgres.ts'

const TOKENS = 40
const DIALECTS: Dialect[] = ['sqlite', 'postgres']

afterEach(killForgeProcesses)

/** So many tokens of one person, minted by a forge that is gone by then. */
async function mintSome(db: Awaited<ReturnType<typeof createTestDatabase>>['db']): Promise<string[]> {
  const forge = await startForge({ db, settings: { maxTokensPerUser: TOKENS } })
  const user = await createUser(forge)
  const team = await createTeam(forge, { owner: user })
  const instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
  const texts: string[] = []
  for (let n = 0; n < TOKENS; n++) texts.push((await mintToken(forge, { user, instance })).token)
  await forge.close()
  return texts
}

describe.each(DIALECTS)('leak reports that a killed forge had accepted, on %s', (dialect) => {
  it.runIf(dialect === 'sqlite' || hasPostgres)(
    'are worked off by the next one, and hold no token meanwhile',
    async () => {
      const database = await createTestDatabase(dialect)
      const texts = await mintSome(database.db)
      const first = await startForgeProcess({ databaseUrl: database.url })

      const answer = await fetch(`${first.url}/api/v1/credentials/revoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tokens: texts }),
      })
      await first.kill()
      expect(answer.status).toBe(202)

      const db = await openDatabase(database.url)
      const { Token } = defineTokenModels(db)
      const [waiting] = await db.query('SELECT * FROM pat_leak_reports')
      expect(waiting.length).toBeGreaterThan(0)
      for (const text of texts) expect(JSON.stringify(waiting)).not.toContain(text.slice(19, 62))

      // As if the time had passed after which what the dead one had claimed, and the task that it was at, are anybody's.
      await db.query("UPDATE pat_leak_reports SET due_at = '2020-01-01 00:00:00.000 +00:00'")
      await db.query('DELETE FROM pat_task_runs')
      await db.query('DELETE FROM pat_leases')
      await startForgeProcess({ databaseUrl: database.url })

      await expect
        .poll(() => Token.count({ where: { endReason: 'leaked' } }), { timeout: 60_000, interval: 250 })
        .toBe(TOKENS)
      await expect.poll(async () => (await db.query('SELECT id FROM pat_leak_reports'))[0]).toEqual([])
      const [told] = await db.query("SELECT id FROM pat_notices WHERE kind = 'token-leaked'")
      expect(told).toHaveLength(TOKENS)
      await db.close()
      await database.cleanup()
    },
  )
})
