import { Op } from 'sequelize'

import { recordChange, type Actor } from './record.ts'
import { noSuchToken, type TokenStore } from './store.ts'

/** Ends a token at once. Ending it twice changes nothing. @throws {ForgeError} not_found */
export async function revokeToken(store: TokenStore, actor: Actor, id: string): Promise<void> {
  await store.db.transaction(async (transaction) => {
    const row = await store.models.Token.findOne({ where: { id, userId: actor.userId }, transaction })
    if (!row) throw noSuchToken()

    const end = { revokedAt: new Date(), endReason: 'revoked_by_owner' as const }
    const [revoked] = await store.models.Token.update(end, { where: { id, revokedAt: null }, transaction })
    if (revoked === 0) return
    await recordChange(store, { event: 'user.pat.revoked', actor, row, body: { reason: end.endReason } }, transaction)
  })
}

/**
 * Ends a token with everything that it replaced and that replaced it: the answer to a retired token in wrong hands.
 * @throws {ForgeError} not_found
 */
export async function revokeFamily(store: TokenStore, actor: Actor, id: string): Promise<void> {
  await store.db.transaction(async (transaction) => {
    const row = await store.models.Token.findOne({ where: { id, userId: actor.userId }, transaction })
    if (!row) throw noSuchToken()

    const live = { userId: actor.userId, familyId: row.familyId, revokedAt: null }
    const family = await store.models.Token.findAll({ where: live, transaction })
    const end = { revokedAt: new Date(), endReason: 'family_revoked' as const }
    const ids = family.map((member) => member.id)
    await store.models.Token.update({ ...end, alarmAt: null }, { where: { id: { [Op.in]: ids } }, transaction })

    for (const member of family) {
      const body = { reason: end.endReason }
      await recordChange(store, { event: 'user.pat.revoked', actor, row: member, body }, transaction)
    }
  })
}

/** Takes the mark of an alarm off a token: it was its owner. @throws {ForgeError} not_found */
export async function dismissAlarm(store: TokenStore, actor: Actor, id: string): Promise<void> {
  await store.db.transaction(async (transaction) => {
    const row = await store.models.Token.findOne({ where: { id, userId: actor.userId }, transaction })
    if (!row) throw noSuchToken()
    if (!row.alarmAt) return

    await row.update({ alarmAt: null, alarmInstanceId: null, alarmClient: null }, { transaction })
    await recordChange(store, { event: 'user.pat.alarmDismissed', actor, row, body: {} }, transaction)
  })
}
