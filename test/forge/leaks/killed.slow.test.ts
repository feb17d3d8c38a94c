import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { afterEach, describe, expect, it } from 'vitest'

import { openDatabase } from '../../../forge/host/database.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import { createApplication, createInstance, createTeam, createUser, mintToken } from '../../support/builders.ts'
import { createTestDatabase, type Dialect } from '../../support/database.ts'
import { freePort, startForge, TEST_SECRET_KEY } from '../../support/forge.ts'
import { hasPostgres } from '../../support/postgres.ts'

const TOKENS = 40
const DIALECTS: Dialect[] = ['sqlite', 'postgres']

const running: ChildProcess[] = []
afterEach(async () => {
  for (const child of running.splice(0)) await kill(child)
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function startProcess(databaseUrl: string, port: number): Promise<ChildProcess> {
  const env = { ...process.env, PORT: String(port), BASE_URL: '', DATABASE_URL: databaseUrl }
  const child = spawn(process.execPath, ['dist/forge/host/main.js'], {
    env: { ...env, FORGE_SECRET_KEY: TEST_SECRET_KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.push(child)
  await new Promise<void>((ready, failed) => {
    child.once('exit', (code) => failed(new Error(`the forge ended with ${code}`)))
    child.stdout.on('data', (chunk) => String(chunk).includes('is ready at') && ready())
  })
  return child
}

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
      const port = await freePort()
      const first = await startProcess(database.url, port)

      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/credentials/revoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tokens: texts }),
      })
      await kill(first)
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
      await startProcess(database.url, port)

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
