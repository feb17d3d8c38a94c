import { Op } from 'sequelize'

import type { Actor } from '../audit/actor.ts'
import { ownLog } from '../audit/entry.ts'
import { tell } from '../notices/tell.ts'
import type { KnownToken } from './facts.ts'
import type { TokenStore } from './store.ts'

/** One alarm a minute is enough to wake somebody, and keeps a looping client from filling the log. */
const ALARM_EVERY_MS = 60_000

/** How a retired token was presented. */
export interface Presentation {
  actor: Actor
  /** Null when it was presented to the forge itself. */
  instance: { id: string; name: string } | null
  client: string | null
  address: string | null
}

/**
 * Raises the alarm of a retired token: somebody forgot a client, or somebody has a copy. It marks the token, tells its
 * owner and stands in the audit; the token that replaced it goes on working.
 */
export async function raiseAlarm(store: TokenStore, token: KnownToken, how: Presentation, now: Date): Promise<void> {
  const { db, models, audit, directory } = store
  const [owner] = await directory.people([token.userId])
  const { actor, instance, client, address } = how

  await db.transaction(async (transaction) => {
    const quiet = { [Op.or]: [{ alarmAt: null }, { alarmAt: { [Op.lt]: new Date(now.getTime() - ALARM_EVERY_MS) } }] }
    const mark = { alarmAt: now, alarmInstanceId: instance?.id ?? null, alarmClient: client }
    const [marked] = await models.Token.update(mark, { where: { id: token.id, ...quiet }, silent: true, transaction })
    if (marked === 0 || !owner) return

    const about = { id: token.id, name: token.name }
    const entry = { actor, token: { ...about, owner }, scopes: [ownLog(owner)] as const }
    await audit.write({ event: 'user.pat.retired-used', ...entry, body: { instance, client } }, transaction)

    const body = { token: about, at: now.toISOString(), instance, client, address }
    const dedupeKey = `retired:${token.id}:${now.toISOString().slice(0, 10)}`
    await tell(db, { userId: token.userId, kind: 'retired-token-used', dedupeKey, body }, { transaction, now })
  })
}
