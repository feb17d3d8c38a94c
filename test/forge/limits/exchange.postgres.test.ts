import type { Sequelize } from 'sequelize'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

import { openDatabase } from '../../../forge/host/database.ts'
import { createSecretKeys } from '../../../forge/keys.ts'
import { createCounts, oldCountsTask, type Counts } from '../../../forge/limits/counts.ts'
import { createExchange, type Exchange } from '../../../forge/limits/exchange.ts'
import { createLimit, type Limit } from '../../../forge/limits/limit.ts'
import { selectRows } from '../../../forge/sql/rows.ts'
import { createUser, PASSWORD } from '../../support/builders.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { eventually } from '../../support/eventually.ts'
import { startForge, TEST_SECRET_KEY, type TestForge } from '../../support/forge.ts'
import { hasPostgres } from '../../support/postgres.ts'

const keys = createSecretKeys(TEST_SECRET_KEY)
const QUOTA = { max: 100, windowSeconds: 60 }

interface Process {
  db: Sequelize
  counts: Counts
  exchange: Exchange
  limit: Limit
}

describe.runIf(hasPostgres)('limits of several forges on one PostgreSQL', () => {
  let database: TestDatabase
  let secondDb: Sequelize
  beforeAll(async () => {
    database = await createTestDatabase('postgres')
    secondDb = await openDatabase(database.url)
  })
  afterAll(async () => {
    await secondDb.close()
    await database.cleanup()
  })
  afterEach(() => database.db.query('DELETE FROM pat_counts'))

  describe('that are exchanged', () => {
    let one: Process
    let other: Process
    const failed = vi.fn<(error: unknown) => void>()

    const processOn = (db: Sequelize): Process => {
      const counts = createCounts(db, keys)
      const exchange = createExchange(counts, failed)
      return { db, counts, exchange, limit: createLimit('test', QUOTA, { exchange }) }
    }
    beforeEach(() => {
      failed.mockReset()
      one = processOn(database.db)
      other = processOn(secondDb)
    })
    afterEach(async () => {
      await one.exchange.close()
      await other.exchange.close()
    })
    /** How many of so many are allowed. */
    const take = ({ limit }: Process, times: number, key = 'alice') => {
      let allowed = 0
      for (let n = 0; n < times; n++) allowed += limit.take(key).allowed ? 1 : 0
      return allowed
    }
    const rows = () => selectRows<{ key: string; count: number }>(database.db, 'SELECT key, count FROM pat_counts', [])

    it('allow the quota together, and no more than one exchange brings', async () => {
      expect(take(one, 70)).toBe(70)
      await one.exchange.tell()
      expect(take(other, 15)).toBe(15)
      await other.exchange.tell()

      expect(take(other, 100)).toBe(15)
      await other.exchange.tell()
      expect(take(one, 10)).toBe(10) // what comes within one exchange
      await one.exchange.tell()
      expect(take(one, 10)).toBe(0)
    })

    it('end their windows together', async () => {
      take(one, 70)
      await one.exchange.tell()
      await database.db.query("UPDATE pat_counts SET ends_at = ends_at - interval '30 seconds'")
      take(other, 20)
      await other.exchange.tell()

      const { resetSeconds } = other.limit.take('alice')
      expect(resetSeconds).toBeGreaterThan(0)
      expect(resetSeconds).toBeLessThanOrEqual(30)
    })

    it('begin anew after the window, whatever was counted in it', async () => {
      take(one, 100)
      await one.exchange.tell()
      await database.db.query("UPDATE pat_counts SET ends_at = clock_timestamp() - interval '1 second'")
      take(other, 20)
      await other.exchange.tell()

      expect(take(other, 100)).toBe(80)
    })

    it('write nothing of what is far from its quota, so that no flood of keys is a flood of writes', async () => {
      for (let n = 0; n < 1_000; n++) take(one, 9, `selector ${n}`)
      await one.exchange.tell()
      expect(await rows()).toEqual([])
    })

    it('write a bounded number of keys at a time, the fullest first', async () => {
      for (let n = 0; n < 600; n++) take(one, n < 500 ? 10 : 20, `key ${n}`)
      await one.exchange.tell()

      const written = await rows()
      expect(written).toHaveLength(500)
      expect(written.filter(({ count }) => count === 20)).toHaveLength(100)
    })

    it('say nothing of whom they count', async () => {
      take(one, 50, 'selector0001')
      await one.exchange.tell()

      expect(await rows()).toEqual([{ key: expect.stringMatching(/^[\w-]{43}$/), count: 50 }])
      expect(JSON.stringify(await rows())).not.toContain('selector')
    })

    it('hold for each forge by itself while the database cannot be asked, and are told afterwards', async () => {
      await database.db.query('ALTER TABLE pat_counts RENAME TO pat_counts_away')
      expect(take(one, 101)).toBe(100)
      await one.exchange.tell()
      await one.exchange.tell()
      expect(failed).toHaveBeenCalledTimes(1)

      await database.db.query('ALTER TABLE pat_counts_away RENAME TO pat_counts')
      await one.exchange.tell()
      expect((await rows()).map(({ count }) => count)).toEqual([101])
    })

    it('leave nothing behind', async () => {
      take(one, 50)
      take(one, 50, 'bob')
      await one.exchange.tell()
      await database.db.query(
        "UPDATE pat_counts SET ends_at = clock_timestamp() - interval '1 second' WHERE key = (SELECT min(key) FROM pat_counts)",
      )
      await oldCountsTask(database.db).run(new Date(), () => false)
      expect(await rows()).toHaveLength(1)
    })

    it('count exactly where each one is asked of the database', async () => {
      const takes = Array.from({ length: 40 }, (_, n) => (n % 2 ? one : other).counts.take('guess', 10, 60))
      const taken = await Promise.all(takes)

      expect(taken.filter(({ allowed }) => allowed)).toHaveLength(10)
      await one.counts.giveBack('guess')
      expect(await other.counts.take('guess', 10, 60)).toEqual({ allowed: true })
      expect(await one.counts.take('guess', 10, 60)).toEqual({ allowed: false, seconds: expect.any(Number) })
    })
  })

  describe('of two whole forges', () => {
    let forges: [TestForge, TestForge]
    const settings = { limits: { whoami: { max: 500, windowSeconds: 600 } } }
    beforeAll(async () => {
      forges = [
        await startForge({ db: database.db, settings }),
        await startForge({ db: secondDb, settings, empty: true }),
      ]
    })
    afterAll(async () => {
      for (const forge of forges) await forge.close()
    })

    it('hold together: what one has counted the other refuses', async () => {
      const ask = async (forge: TestForge) => (await forge.app.inject('/api/v1/whoami')).statusCode
      const [one, other] = forges
      for (let n = 0; n < 450; n++) expect(await ask(one)).toBe(401)

      let asked = 0
      for (; asked < 50; asked++) expect(await ask(other)).toBe(401)
      await vi.waitFor(
        async () => {
          asked += 1
          expect(await ask(other)).toBe(429)
        },
        { timeout: 60_000, interval: 250 },
      )
      expect(asked).toBeLessThan(300) // it alone would have allowed 500
      await eventually(async () => expect(await ask(one)).toBe(429))
    })

    it('do not double the guesses at a password', async () => {
      const alice = await createUser(forges[0])
      const signIn = async (n: number, password: string) => {
        const forge = n % 2 ? forges[0] : forges[1]
        const payload = { username: alice.username, password }
        return (await forge.app.inject({ method: 'POST', url: '/account/login', payload })).statusCode
      }

      const answers: number[] = []
      for (let n = 0; n < 12; n++) answers.push(await signIn(n, 'a guess at a password'))
      expect(answers).toEqual([...Array<number>(10).fill(401), 429, 429])
      expect(await signIn(0, PASSWORD)).toBe(429)
    })

    it('count no sign-in that succeeds', async () => {
      const alice = await createUser(forges[0])
      const payload = { username: alice.username, password: PASSWORD }
      for (let n = 0; n < 12; n++) {
        const forge = n % 2 ? forges[0] : forges[1]
        const answer = await forge.app.inject({ method: 'POST', url: '/account/login', payload })
        expect(answer.statusCode).toBe(200)
      }
    })
  })
})
