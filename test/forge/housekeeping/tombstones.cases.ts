import { QueryTypes, type Sequelize } from 'sequelize'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { defineAuditModels } from '../../../forge/audit/model.ts'
import { tombstoneTask, type EndedBefore } from '../../../forge/housekeeping/tombstones.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import { deleteEndedTokens } from '../../../forge/tokens/tombstones.ts'
import { auditOn, inOwnLog, laptop, writeAll } from '../audit/entries.ts'
import { createTokenRow } from '../notices/tokens.ts'
import type { SharedDatabase } from './databases.ts'

const NOW = new Date('2026-12-31T12:00:00.000Z')
/** 90 days before. */
const LIMIT = '2026-10-02T12:00:00.000Z'
const JUST_BEFORE = '2026-10-02T11:59:59.999Z'
const A_DAY_AGO = '2026-12-30T12:00:00.000Z'
const ENDED: EndedBefore = { before: new Date(LIMIT), exchangedBefore: new Date(A_DAY_AGO) }

async function column(db: Sequelize, sql: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(sql, { type: QueryTypes.SELECT })
  return rows.map(({ id }) => id)
}

const tokens = (db: Sequelize) => column(db, 'SELECT id FROM pat_tokens ORDER BY id')
const grants = (db: Sequelize) => column(db, 'SELECT token_id AS id FROM pat_token_grants ORDER BY token_id')

/** What must hold of the removal of ended tokens, on whichever database. */
export function tombstoneCases(open: () => Promise<SharedDatabase>): void {
  let shared: SharedDatabase

  beforeEach(async () => {
    shared = await open()
  })
  afterEach(() => shared.cleanup())

  const store = (db = shared.db) => ({ db, models: defineTokenModels(db), audit: auditOn(db) })
  const run = (tombstoneDays?: number) =>
    tombstoneTask({
      deleteEnded: (ended, limit) => deleteEndedTokens(store(), ended, limit),
      ...(tombstoneDays === undefined ? {} : { tombstoneDays }),
    }).run(NOW, () => false)

  it('deletes tokens that ended more than 90 days ago, with their grants', async () => {
    await createTokenRow(shared.db, { id: 'expired', expiresAt: JUST_BEFORE })
    await createTokenRow(shared.db, { id: 'revoked', revokedAt: JUST_BEFORE })
    await createTokenRow(shared.db, {
      id: 'both',
      expiresAt: '2027-06-01T00:00:00.000Z',
      revokedAt: JUST_BEFORE,
    })

    await run()
    expect(await tokens(shared.db)).toEqual([])
    expect(await grants(shared.db)).toEqual([])
  })

  it('keeps tokens that live, and those that ended exactly 90 days ago or later', async () => {
    await createTokenRow(shared.db, { id: 'a-expired', expiresAt: LIMIT })
    await createTokenRow(shared.db, { id: 'b-revoked', revokedAt: LIMIT })
    await createTokenRow(shared.db, { id: 'c-live', expiresAt: '2027-06-01T00:00:00.000Z' })
    await createTokenRow(shared.db, { id: 'd-endless' })

    await run()
    expect(await tokens(shared.db)).toEqual(['a-expired', 'b-revoked', 'c-live', 'd-endless'])
    expect(await grants(shared.db)).toHaveLength(4)
  })

  it('keeps them for as many days as the forge is told', async () => {
    await createTokenRow(shared.db, { id: 'gone', expiresAt: '2026-12-30T11:59:59.999Z' })
    await createTokenRow(shared.db, { id: 'kept', expiresAt: '2026-12-30T12:00:00.000Z' })

    await run(1)
    expect(await tokens(shared.db)).toEqual(['kept'])
  })

  it('keeps those that instances exchanged for a day', async () => {
    const exchanged = { issuedVia: 'exchange' } as const
    await createTokenRow(shared.db, { ...exchanged, id: 'gone', expiresAt: '2026-12-30T11:59:59.999Z' })
    await createTokenRow(shared.db, { ...exchanged, id: 'kept', expiresAt: A_DAY_AGO })
    await createTokenRow(shared.db, { id: 'own', expiresAt: '2026-12-30T11:59:59.999Z' })

    await run()
    expect(await tokens(shared.db)).toEqual(['kept', 'own'])
  })

  it('leaves an entry about each, in the logs that it stood in, once when two forges do it', async () => {
    await writeAll(shared.db, auditOn(shared.db), [inOwnLog])
    await createTokenRow(shared.db, {
      ...{ id: laptop.id, name: laptop.name, userId: laptop.owner.id, expiresAt: LIMIT, revokedAt: JUST_BEFORE },
    })
    const counts = await Promise.all([shared.db, shared.otherDb].map((db) => deleteEndedTokens(store(db), ENDED, 500)))

    expect(counts.sort()).toEqual([0, 1])
    const entries = await defineAuditModels(shared.db).Entry.findAll({
      where: { event: 'user.pat.deleted' },
      raw: true,
    })
    expect(entries).toMatchObject([{ scopeType: 'user', scopeName: 'alice', tokenId: laptop.id, actorType: 'system' }])
    expect(entries.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ endedAt: JUST_BEFORE }])
  })

  it('forgets what the owner was told of the token', async () => {
    await createTokenRow(shared.db, { id: 'gone', expiresAt: JUST_BEFORE })
    await shared.db.query(
      "INSERT INTO pat_expiry_warnings (token_id, expires_on, days_ahead) VALUES ('gone', '2026-10-02', 0)",
    )

    await run()
    expect(await column(shared.db, 'SELECT token_id AS id FROM pat_expiry_warnings')).toEqual([])
  })

  it('deletes no more at once than it is told', async () => {
    for (const id of ['a', 'b', 'c']) await createTokenRow(shared.db, { id, expiresAt: JUST_BEFORE })

    expect(await deleteEndedTokens(store(), ENDED, 2)).toBe(2)
    expect(await deleteEndedTokens(store(), ENDED, 2)).toBe(1)
    expect(await deleteEndedTokens(store(), ENDED, 2)).toBe(0)
  })

  it('goes on batch by batch until nothing is left', async () => {
    const deleteEnded = vi.fn<(ended: EndedBefore, limit: number) => Promise<number>>()
    deleteEnded.mockResolvedValueOnce(500).mockResolvedValueOnce(500).mockResolvedValueOnce(17)

    await tombstoneTask({ deleteEnded }).run(NOW, () => false)
    expect(deleteEnded.mock.calls).toEqual(Array.from({ length: 3 }, () => [ENDED, 500]))
  })

  it('stops between two batches when it is told to', async () => {
    const deleteEnded = vi.fn(async () => 500)
    await tombstoneTask({ deleteEnded }).run(NOW, () => deleteEnded.mock.calls.length === 2)

    expect(deleteEnded).toHaveBeenCalledTimes(2)
  })
}
