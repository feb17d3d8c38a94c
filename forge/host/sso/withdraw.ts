import type { Transaction, WhereOptions } from 'sequelize'

import type { ProviderActor } from '../../audit/actor.ts'
import { ownLog } from '../../audit/entry.ts'
import type { SessionRow } from '../sessions/model.ts'
import type { ProviderRow } from './model.ts'
import type { Sso } from './sso.ts'

/** Somebody whom a provider says something about. */
export interface Concerned {
  provider: ProviderRow
  user: { id: string; username: string }
  actor: ProviderActor
}

/** Ends sessions of a person, with an entry for each. */
export async function endSessions(
  { sessions: { store }, audit }: Sso,
  { user, actor }: Concerned,
  which: WhereOptions<SessionRow>,
  transaction: Transaction,
): Promise<void> {
  const rows = await store.Session.findAll({ where: { ...which, userId: user.id }, transaction })

  for (const { id } of rows) {
    const ended = await store.Session.destroy({ where: { id }, transaction })
    if (ended === 0) continue
    const body = { session: id, because: 'provider' as const }
    await audit.write({ event: 'user.session.ended', actor, scopes: [ownLog(user)], body }, transaction)
  }
}

/** Takes back what the last sign-in proved: tokens wait, in the provider's teams, for the next one. */
export async function withdrawSignIn(
  { sessions: { store }, audit }: Sso,
  { provider, user, actor }: Concerned,
  transaction: Transaction,
): Promise<void> {
  const where = { providerId: provider.id, userId: user.id }
  await store.Identity.update({ signedInAt: null }, { where, transaction })
  const body = { provider: { id: provider.id, name: provider.name } }
  await audit.write({ event: 'user.sso.sign-in-withdrawn', actor, scopes: [ownLog(user)], body }, transaction)
}
