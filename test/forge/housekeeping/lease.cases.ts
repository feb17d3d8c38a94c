import { QueryTypes, type Sequelize } from 'sequelize'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { withLease } from '../../../forge/housekeeping/lease.ts'
import type { SharedDatabase } from './databases.ts'
import { longWork } from './long-work.ts'
import { eventually } from '../../support/eventually.ts'

const LONG_AGO = '2020-01-01 00:00:00.000 +00:00'
const nothing = async () => undefined

/** What the database sees once a holder no longer renews: the time of its lease has passed. */
async function letLeasesRunOut(db: Sequelize): Promise<void> {
  await db.query('UPDATE pat_leases SET expires_at = $1', { bind: [LONG_AGO] })
}

async function leases(db: Sequelize): Promise<{ holder: string; expiresAt: string | Date }[]> {
  return db.query('SELECT holder, expires_at AS "expiresAt" FROM pat_leases', { type: QueryTypes.SELECT })
}

/** Two forges that each try ten times at once; answers after all but the winner have been told. */
async function scramble({ db, otherDb }: SharedDatabase) {
  const { work, end } = longWork()
  const refused: boolean[] = []
  const tries = Array.from({ length: 20 }, async (_, n) => {
    const held = await withLease(n % 2 ? db : otherDb, 'sweep', 60, work)
    if (!held) refused.push(held)
    return held
  })
  await vi.waitFor(() => expect(refused).toHaveLength(19), { timeout: 10_000 })
  return { end, results: Promise.all(tries) }
}

/** What must hold of leases, on whichever database. */
export function leaseCases(open: () => Promise<SharedDatabase>): void {
  let shared: SharedDatabase

  beforeEach(async () => {
    shared = await open()
  })
  afterEach(() => shared.cleanup())

  it('does the work and gives the lease back', async () => {
    const work = vi.fn(nothing)

    expect(await withLease(shared.db, 'sweep', 60, work)).toBe(true)
    expect(work).toHaveBeenCalledOnce()
    expect(await leases(shared.db)).toEqual([])
  })

  it('refuses another forge while the work goes on', async () => {
    const { work, begun, end } = longWork()
    const first = withLease(shared.db, 'sweep', 60, work)
    await begun

    const second = vi.fn(nothing)
    expect(await withLease(shared.otherDb, 'sweep', 60, second)).toBe(false)
    expect(second).not.toHaveBeenCalled()

    end()
    expect(await first).toBe(true)
    expect(await withLease(shared.otherDb, 'sweep', 60, second)).toBe(true)
  })

  it('refuses a second taking in the same forge', async () => {
    await withLease(shared.db, 'sweep', 60, async () => {
      expect(await withLease(shared.db, 'sweep', 60, nothing)).toBe(false)
    })
  })

  it('keeps leases of different names apart', async () => {
    await withLease(shared.db, 'sweep', 60, async () => {
      expect(await withLease(shared.db, 'mail', 60, nothing)).toBe(true)
    })
  })

  it('has one holder when two forges reach for it 20 times at once', async () => {
    const { end, results } = await scramble(shared)
    expect(await leases(shared.db)).toHaveLength(1)

    end()
    expect((await results).filter(Boolean)).toHaveLength(1)
  })

  it('ends by itself, and has one new holder when two forges take over 20 times at once', async () => {
    const dead = longWork()
    const first = withLease(shared.db, 'sweep', 60, dead.work)
    await dead.begun
    await letLeasesRunOut(shared.db)

    const { end, results } = await scramble(shared)
    expect(await leases(shared.db)).toHaveLength(1)

    end()
    dead.end()
    expect((await results).filter(Boolean)).toHaveLength(1)
    await first
  })

  it('gives nothing back that another forge has taken over', async () => {
    const slow = longWork()
    const first = withLease(shared.db, 'sweep', 60, slow.work)
    await slow.begun
    await letLeasesRunOut(shared.db)

    await withLease(shared.otherDb, 'sweep', 60, async () => {
      const held = await leases(shared.db)
      slow.end()
      await first
      expect(await leases(shared.db)).toEqual(held)
    })
  })

  it('is renewed while the work goes on', async () => {
    const { work, begun, end } = longWork()
    const first = withLease(shared.db, 'sweep', 0.3, work)
    const lost = await begun
    const [taken] = await leases(shared.db)

    await eventually(async () => {
      const [renewed] = await leases(shared.db)
      expect(new Date(renewed!.expiresAt).getTime()).toBeGreaterThan(new Date(taken!.expiresAt).getTime())
    })
    expect(lost.aborted).toBe(false)
    end()
    await first
  })

  it('tells the work when another forge has taken over', async () => {
    const { work, begun, end } = longWork()
    const first = withLease(shared.db, 'sweep', 0.3, work)
    const lost = await begun
    await shared.otherDb.query("UPDATE pat_leases SET holder = 'somebody else'")

    await vi.waitFor(() => expect(lost.aborted).toBe(true), { timeout: 5000 })
    end()
    expect(await first).toBe(true)
  })

  it('passes on the error of the work and gives the lease back', async () => {
    const failing = withLease(shared.db, 'sweep', 60, () => Promise.reject(new Error('the work failed')))

    await expect(failing).rejects.toThrow('the work failed')
    expect(await leases(shared.db)).toEqual([])
  })
}
