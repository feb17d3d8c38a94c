import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'

import { httpNodeMiddleware } from '../../../instance/middleware.ts'
import { openEvents } from '../../support/events.ts'
import { eventually } from '../../support/eventually.ts'
import { killForgeProcesses, startForgeProcess, type ForgeProcess } from '../../support/forge-process.ts'
import { startOwnPostgres, type OwnPostgres } from '../../support/postgres-server.mjs'
import { hasPostgres } from '../../support/postgres.ts'
import { layWire, type Wire } from '../../support/wire.ts'
import { createLoad, type Load } from './load.ts'
import { expectWholeAudit, introspectAt, mintAt, revokeAt, seed, signInAt, type Scene } from './scene.ts'

const PEOPLE = 4
/** By one person at one fault: some before it, some while it lasts, and some after it. */
const TOKENS_EACH = 4
/** A change by one forge counts at the other. */
const COUNTS_WITHIN_MS = 1_000
/** By what the connection that listens calls itself. */
const LISTENING = 'forge-pat changes'

const portOf = (url: string) => Number(new URL(url).port)

describe.runIf(hasPostgres)('two forges on one PostgreSQL, under load', () => {
  let postgres: OwnPostgres
  /** Between the first forge and PostgreSQL. */
  let wire: Wire
  let scene: Scene
  let first: ForgeProcess
  let second: ForgeProcess
  let load: Load

  beforeAll(async () => {
    postgres = await startOwnPostgres()
    wire = await layWire(portOf(postgres.url))
    const overWire = postgres.url.replace(`:${portOf(postgres.url)}/`, `:${wire.port}/`)
    ;[first, second] = (await Promise.all(
      [overWire, postgres.url].map((databaseUrl) => startForgeProcess({ databaseUrl })),
    )) as [ForgeProcess, ForgeProcess]
    scene = await seed(postgres.url, PEOPLE)
    load = await createLoad({ forges: [first.url, second.url], ...scene })
  })
  afterAll(async () => {
    await killForgeProcesses()
    await wire.close()
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

  it('hear of a revocation within a second although the connection that tells of it loses every packet', async () => {
    const { instance, usernames } = scene
    const cookie = await signInAt(second.url, usernames[0] ?? '')
    const [live, doomed] = [await mintAt(second.url, cookie, instance), await mintAt(second.url, cookie, instance)]
    const ask = async (token: string) => (await introspectAt(first.url, instance, token))?.body.active
    const texts = [live, doomed].map((minted) => minted?.body.token ?? '') as [string, string]
    for (const text of texts) expect(await ask(text)).toBe(true)

    wire.silence((said) => said.includes(LISTENING))
    expect((await revokeAt(second.url, cookie, doomed?.body.id ?? ''))?.status).toBe(204)
    const revokedAt = performance.now()

    for (let askedAt = 0; askedAt <= revokedAt + COUNTS_WITHIN_MS;) {
      await sleep(100) // a refused token may be asked about 60 times a minute
      askedAt = performance.now()
      const isActive = await ask(texts[1])
      if (askedAt > revokedAt + COUNTS_WITHIN_MS) expect(isActive).toBe(false)
    }
    expect(await ask(texts[0])).toBe(true)
    // It knows that it hears nothing, and promises nothing to instances, until it hears again.
    const listening = async () => {
      const events = await openEvents(first.url, instance.credential)
      events.close()
      return events.status
    }
    await eventually(async () => expect(await listening()).toBe(503))
    wire.heal()
    await eventually(async () => expect(await listening()).toBe(200))
    expect([await ask(texts[0]), await ask(texts[1])]).toEqual([true, false])
  })

  it('leave an instance whose stream is cut with its ten seconds, and it has missed nothing when it is back', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { instance, usernames } = scene
    const cookie = await signInAt(second.url, usernames[1] ?? '')
    const way = await layWire(portOf(second.url))
    onTestFinished(way.close)
    const said: string[] = []
    const { link } = httpNodeMiddleware({
      forgeUrl: `http://127.0.0.1:${way.port}`,
      instanceToken: instance.credential,
      resourceUrl: instance.url,
      log: (line) => void said.push(line),
    })
    onTestFinished(link.close)
    const use = async () => {
      const minted = await mintAt(second.url, cookie, instance)
      const { id = '', token = '' } = minted?.body ?? {}
      const isActive = async () => (await link.introspector.introspect(token)) !== null
      expect(await isActive()).toBe(true)
      return { isActive, revoke: () => revokeAt(second.url, cookie, id) }
    }
    // No time passes for the instance, so only what it is told makes it ask anew.
    const untilToldOf = async ({ isActive }: { isActive(): Promise<boolean> }) => {
      while (await isActive()) await sleep(20)
    }
    const before = await use()
    await before.revoke()
    await untilToldOf(before)
    // What it is told of, and hello, leave some doubt: answers are believed for a moment only.
    vi.advanceTimersByTime(3_000)

    way.refuse((request) => request.includes('GET /api/v1/instance/events'))
    while (!said.some((line) => line.includes('push channel'))) await sleep(20)
    const held = await use()
    await held.revoke()
    vi.advanceTimersByTime(9_900)
    expect(await held.isActive()).toBe(true)
    vi.advanceTimersByTime(101)
    expect(await held.isActive()).toBe(false)

    const missed = await use()
    await missed.revoke()
    way.heal()
    await untilToldOf(missed)
  })

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
