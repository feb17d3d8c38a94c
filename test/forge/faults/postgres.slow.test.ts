import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { killForgeProcesses, startForgeProcess, type ForgeProcess } from '../../support/forge-process.ts'
import { startOwnPostgres, type OwnPostgres } from '../../support/postgres-server.mjs'
import { hasPostgres } from '../../support/postgres.ts'
import { createLoad, type Load } from './load.ts'
import { expectWholeAudit, seed } from './scene.ts'

const PEOPLE = 4
/** By one person at one fault: some before it, some while it lasts, and some after it. */
const TOKENS_EACH = 4

describe.runIf(hasPostgres)('two forges on one PostgreSQL, under load', () => {
  let postgres: OwnPostgres
  let first: ForgeProcess
  let second: ForgeProcess
  let load: Load

  beforeAll(async () => {
    postgres = await startOwnPostgres()
    const databaseUrl = postgres.url
    ;[first, second] = await Promise.all([startForgeProcess({ databaseUrl }), startForgeProcess({ databaseUrl })])
    const scene = await seed(postgres.url, PEOPLE)
    load = await createLoad({ forges: [first.url, second.url], ...scene })
  })
  afterAll(async () => {
    await killForgeProcesses()
    await postgres.stop()
  })

  it('give no wrong answer while all their connections are cut, again and again', async () => {
    await load.run(TOKENS_EACH, async () => {
      for (let n = 0; n < 5; n++) await cutConnections(postgres.url)
    })

    await load.expectTruth([first.url, second.url])
    expect(load.unanswered()).toBe(0)
  })

  it.each(['fast', 'immediate'] as const)(
    'give no wrong answer while PostgreSQL restarts (%s), and go on by themselves',
    async (mode) => {
      const before = load.refusedBy(first.url)
      await load.run(TOKENS_EACH, async () => {
        await postgres.halt(mode)
        await postgres.resume()
      })

      await load.expectTruth([first.url, second.url])
      expect(load.refusedBy(first.url)).toBeGreaterThan(before)
      expect(load.unanswered()).toBe(0)
      for (const { url } of [first, second]) expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    },
  )

  it('lose no answered write when one is killed, and the other carries on without an error', async () => {
    const before = load.refusedBy(second.url)

    await load.run(TOKENS_EACH, () => first.kill())

    expect(first.child.signalCode).toBe('SIGKILL')
    expect(load.refusedBy(second.url)).toBe(before)
    expect(load.unanswered(second.url)).toBe(0)
    await load.expectTruth([second.url])
  })

  it('leave an audit behind that is whole', async () => {
    await expectWholeAudit(postgres.url)
    expect(second.output()).not.toContain('UnhandledPromiseRejection')
  })
})

/** As an administrator of the database may, or a firewall: everybody's but this one. */
async function cutConnections(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename IS NOT NULL',
  )
  await client.end()
}
