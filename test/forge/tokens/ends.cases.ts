import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Sequelize } from 'sequelize'

import { defineAuditModels } from '../../../forge/audit/model.ts'
import { noteEnds } from '../../../forge/tokens/ends.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import type { TokenStore } from '../../../forge/tokens/store.ts'
import { auditOn } from '../audit/entries.ts'
import type { SharedDatabase } from '../housekeeping/databases.ts'
import { createTokenRow } from '../notices/tokens.ts'

const END = '2026-12-01T12:00:00.000Z'
const JUST_BEFORE = new Date('2026-12-01T11:59:59.999Z')
const LATER = '2026-12-01T12:30:00.000Z'

/** What the housekeeper says of ends that came by time, on whichever database. */
export function endsCases(open: () => Promise<SharedDatabase>): void {
  let shared: SharedDatabase

  beforeEach(async () => {
    shared = await open()
  })
  afterEach(() => shared.cleanup())

  const storeOn = (db: Sequelize) =>
    ({ db, models: defineTokenModels(db), audit: auditOn(db) }) as unknown as TokenStore
  const run = (at: Date | string, db = shared.db) => noteEnds(storeOn(db), new Date(at))
  const entries = async () => {
    const rows = await defineAuditModels(shared.db).Entry.findAll({ order: ['id'], raw: true })
    return rows.map(({ event, tokenId, body }) => [event, tokenId, JSON.parse(body) as unknown])
  }

  it('says that a token expired in the second in which it did, and not before', async () => {
    await createTokenRow(shared.db, { id: 'a', expiresAt: END })

    await run(JUST_BEFORE)
    expect(await entries()).toEqual([])
    await run(END)
    expect(await entries()).toEqual([['user.pat.expired', 'a', { expiresAt: END }]])
  })

  it('says it once, though two forges do so at the same moment and again later', async () => {
    for (const id of ['a', 'b', 'c']) await createTokenRow(shared.db, { id, expiresAt: END })

    await Promise.all([run(END), run(END, shared.otherDb)])
    await run(LATER)
    expect((await entries()).map(([, id]) => id).sort()).toEqual(['a', 'b', 'c'])
  })

  it('says nothing of what was revoked, and of what lives', async () => {
    await createTokenRow(shared.db, { id: 'revoked', expiresAt: END, revokedAt: '2026-11-30T00:00:00.000Z' })
    await createTokenRow(shared.db, { id: 'endless' })

    await run(LATER)
    expect(await entries()).toEqual([])
  })

  it('leaves a token alone whose end was put off at that moment', async () => {
    await createTokenRow(shared.db, { id: 'a', expiresAt: END })
    const { Token } = defineTokenModels(shared.otherDb)
    const store = storeOn(shared.db)
    const find = store.models.Token.findAll.bind(store.models.Token)
    vi.spyOn(store.models.Token, 'findAll').mockImplementationOnce(async (options) => {
      const rows = await find(options)
      await Token.update({ expiresAt: new Date(LATER) }, { where: { id: 'a' } })
      return rows
    })

    await noteEnds(store, new Date(END))
    expect(await entries()).toEqual([])
    expect(await Token.findByPk('a')).toMatchObject({ endNoted: false })
  })

  it('says which end came first of a token that was rotated', async () => {
    const { Token } = defineTokenModels(shared.db)
    for (const id of ['grace', 'expiry'])
      await createTokenRow(shared.db, { id, expiresAt: id === 'grace' ? LATER : END })
    await Token.update({ replacedById: 'x', retiresAt: new Date(END) }, { where: { id: 'grace' } })
    await Token.update({ replacedById: 'y', retiresAt: new Date(LATER) }, { where: { id: 'expiry' } })

    await run(LATER)
    expect((await entries()).sort()).toEqual([
      ['user.pat.expired', 'expiry', { expiresAt: END }],
      ['user.pat.grace-ended', 'grace', { because: 'time' }],
    ])
  })
}
