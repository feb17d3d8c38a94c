import { QueryTypes, type Sequelize } from 'sequelize'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { expiryDigestTask } from '../../../forge/notices/expiry-digest.ts'
import { expiringTokens } from '../../../forge/tokens/expiring.ts'
import type { SharedDatabase } from '../housekeeping/databases.ts'
import { createTokenRow } from './tokens.ts'

const ENDS = '2026-12-21T09:00:00.000Z'

interface Told {
  userId: string
  dedupeKey: string
  tokens: string[]
}

async function digests(db: Sequelize): Promise<Told[]> {
  const rows = await db.query<{ userId: string; dedupeKey: string; body: string }>(
    'SELECT user_id AS "userId", dedupe_key AS "dedupeKey", body FROM pat_notices ORDER BY dedupe_key, user_id',
    { type: QueryTypes.SELECT },
  )
  return rows.map(({ body, ...row }) => {
    const { tokens } = JSON.parse(body) as { tokens: { id: string }[] }
    return { ...row, tokens: tokens.map(({ id }) => id).sort() }
  })
}

/** What must hold of the digest, on whichever database. */
export function expiryDigestCases(open: () => Promise<SharedDatabase>): void {
  let shared: SharedDatabase

  beforeEach(async () => {
    shared = await open()
  })
  afterEach(() => shared.cleanup())

  const run = (now: string, db = shared.db) =>
    expiryDigestTask({ db, expiringTokens: (from, to) => expiringTokens(db, from, to) }).run(new Date(now), () => false)

  it('says nothing in the last second before the first threshold', async () => {
    await createTokenRow(shared.db, { id: 't1', expiresAt: ENDS })

    await run('2026-12-06T23:59:59.999Z')
    expect(await digests(shared.db)).toEqual([])
  })

  it('tells of each threshold once, however often it runs', async () => {
    await createTokenRow(shared.db, { id: 't1', expiresAt: ENDS })

    for (const day of ['07', '07', '08', '17', '18', '18', '20', '21', '21', '22', '27']) {
      await run(`2026-12-${day}T00:00:00.000Z`)
    }
    expect(await digests(shared.db)).toEqual([
      { userId: 'alice', dedupeKey: 'tokens-end:2026-12-07', tokens: ['t1'] },
      { userId: 'alice', dedupeKey: 'tokens-end:2026-12-18', tokens: ['t1'] },
      { userId: 'alice', dedupeKey: 'tokens-end:2026-12-21', tokens: ['t1'] },
    ])
  })

  it('writes one notice per person, whatever each token is due for', async () => {
    await createTokenRow(shared.db, { id: 'soon', expiresAt: ENDS })
    await createTokenRow(shared.db, { id: 'exchanged', expiresAt: ENDS, issuedVia: 'exchange' })
    await createTokenRow(shared.db, { id: 'today', expiresAt: '2026-12-07T23:59:59.000Z' })
    await createTokenRow(shared.db, { id: 'bobs', userId: 'bob', expiresAt: ENDS })

    await run('2026-12-07T00:00:00.000Z')
    expect(await digests(shared.db)).toEqual([
      { userId: 'alice', dedupeKey: 'tokens-end:2026-12-07', tokens: ['soon', 'today'] },
      { userId: 'bob', dedupeKey: 'tokens-end:2026-12-07', tokens: ['bobs'] },
    ])
  })

  it("leaves what comes up after today's digest for tomorrow's", async () => {
    await createTokenRow(shared.db, { id: 't1', expiresAt: ENDS })
    await run('2026-12-07T00:00:00.000Z')
    await createTokenRow(shared.db, { id: 't2', expiresAt: ENDS })

    await run('2026-12-07T23:59:59.000Z')
    expect(await digests(shared.db)).toHaveLength(1)
    await run('2026-12-08T00:00:00.000Z')
    expect((await digests(shared.db)).at(-1)).toEqual({
      userId: 'alice',
      dedupeKey: 'tokens-end:2026-12-08',
      tokens: ['t2'],
    })
  })

  it('tells of an end that came while no forge was running, for a week', async () => {
    await createTokenRow(shared.db, { id: 'ended', expiresAt: ENDS })
    await createTokenRow(shared.db, { id: 'long-ago', expiresAt: '2026-12-20T23:59:59.000Z' })

    await run('2026-12-28T00:00:00.000Z')
    expect((await digests(shared.db)).map(({ tokens }) => tokens)).toEqual([['ended']])
  })

  it('says nothing of tokens that are revoked or never end', async () => {
    await createTokenRow(shared.db, { id: 'revoked', expiresAt: ENDS, revokedAt: '2026-12-01T00:00:00.000Z' })
    await createTokenRow(shared.db, { id: 'endless', expiresAt: null })

    await run('2026-12-21T00:00:00.000Z')
    expect(await digests(shared.db)).toEqual([])
  })

  it('stops between two people when it is told to', async () => {
    await createTokenRow(shared.db, { id: 't1', expiresAt: ENDS })
    await createTokenRow(shared.db, { id: 't2', userId: 'bob', expiresAt: ENDS })
    const { db } = shared
    const task = expiryDigestTask({ db, expiringTokens: (from, to) => expiringTokens(db, from, to) })

    let asked = 0
    await task.run(new Date('2026-12-07T00:00:00.000Z'), () => ++asked > 1)
    expect(await digests(db)).toHaveLength(1)
  })

  it('says it once when two forges run it at the same moment', async () => {
    for (let n = 0; n < 20; n++)
      await createTokenRow(shared.db, { id: `t${n}`, userId: `user${n % 5}`, expiresAt: ENDS })

    const now = '2026-12-07T00:00:00.000Z'
    await Promise.all([run(now), run(now, shared.otherDb), run(now), run(now, shared.otherDb)])
    const told = await digests(shared.db)
    expect(told).toHaveLength(5)
    expect(told.flatMap(({ tokens }) => tokens)).toHaveLength(20)
  })

  it('leaves nothing half done when two forges run it on both sides of midnight', async () => {
    await createTokenRow(shared.db, { id: 't1', expiresAt: ENDS })

    await Promise.allSettled([run('2026-12-07T23:59:59.999Z'), run('2026-12-08T00:00:00.000Z', shared.otherDb)])
    expect(await digests(shared.db)).toHaveLength(1)
  })
}
