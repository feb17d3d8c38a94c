import { Op } from 'sequelize'

import type { PersonActor } from '../audit/actor.ts'
import type { EndReason } from '../contract/token.ts'
import type { TokenRow } from './model.ts'
import { grantsOf, ownTokenEntry } from './record.ts'
import { noSuchToken, type TokenStore } from './store.ts'
import { listTargets } from './wish.ts'

/** Ends a token at once. Ending it twice changes nothing. @throws {ForgeError} not_found */
export async function revokeToken(store: TokenStore, actor: PersonActor, id: string): Promise<void> {
  const row = await ownRow(store, actor, id)
  await revokeAll(store, actor, { rows: [row], reason: 'by_owner' })
}

/**
 * Ends a token with everything that it replaced and that replaced it: the answer to a retired token in wrong hands.
 * @throws {ForgeError} not_found
 */
export async function revokeFamily(store: TokenStore, actor: PersonActor, id: string): Promise<void> {
  const { familyId } = await ownRow(store, actor, id)
  const rows = await store.models.Token.findAll({ where: { userId: actor.userId, familyId }, include: 'grants' })
  await revokeAll(store, actor, { rows, reason: 'family_revoked' })
}

/** Takes the mark of an alarm off a token: it was its owner. @throws {ForgeError} not_found */
export async function dismissAlarm(store: TokenStore, actor: PersonActor, id: string): Promise<void> {
  const row = await ownRow(store, actor, id)
  const targets = await listTargets(store, actor.userId)

  await store.db.transaction(async (transaction) => {
    const none = { alarmAt: null, alarmInstanceId: null, alarmClient: null }
    const [dismissed] = await store.models.Token.update(none, {
      where: { id, alarmAt: { [Op.ne]: null } },
      transaction,
    })
    if (dismissed === 0 || !row.alarmAt) return

    const entry = ownTokenEntry(actor, row, { targets, grants: grantsOf(row) })
    const body = { alarmAt: row.alarmAt.toISOString() }
    await store.audit.write({ event: 'user.pat.alarm-dismissed', ...entry, body }, transaction)
  })
}

async function ownRow({ models }: TokenStore, actor: PersonActor, id: string): Promise<TokenRow> {
  const row = await models.Token.findOne({ where: { id, userId: actor.userId }, include: 'grants' })
  if (!row) throw noSuchToken()
  return row
}

/** Ends those that have not been ended yet, with an entry for each. */
async function revokeAll(
  store: TokenStore,
  actor: PersonActor,
  { rows, reason }: { rows: TokenRow[]; reason: EndReason },
): Promise<void> {
  const targets = await listTargets(store, actor.userId)

  await store.db.transaction(async (transaction) => {
    for (const row of rows) {
      const end = { revokedAt: new Date(), endReason: reason, alarmAt: null }
      const [revoked] = await store.models.Token.update(end, { where: { id: row.id, revokedAt: null }, transaction })
      if (revoked === 0) continue

      const entry = ownTokenEntry(actor, row, { targets, grants: grantsOf(row) })
      await store.audit.write({ event: 'user.pat.revoked', ...entry, body: { reason } }, transaction)
    }
  })
}
