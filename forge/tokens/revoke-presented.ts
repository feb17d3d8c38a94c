import { Op } from 'sequelize'

import type { TokenActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { KnownToken } from './facts.ts'
import { teamsReached } from './record.ts'
import type { TokenStore } from './store.ts'
import { listTargets } from './wish.ts'

/** Ends a token at the wish of the program that holds it. One that has ended stays as it is. */
export async function revokePresented(
  store: TokenStore,
  { id, name, userId, facts }: KnownToken,
  origin: { requestId: string; address: string },
): Promise<void> {
  const { db, models, audit } = store
  const [owner] = await store.directory.people([userId])
  const teams = teamsReached({ targets: await listTargets(store, userId), grants: facts.grants })
  const now = new Date()

  await db.transaction(async (transaction) => {
    const notOver = { revokedAt: null, [Op.or]: [{ expiresAt: null }, { expiresAt: { [Op.gt]: now } }] }
    const end = { revokedAt: now, endReason: 'by_client' as const, alarmAt: null }
    const [ended] = await models.Token.update(end, { where: { id, ...notOver }, transaction })
    if (ended === 0 || !owner) return

    // The program is known by the token alone, so the entry says that the token did it.
    const person = { userId: owner.id, username: owner.username }
    const actor: TokenActor = { type: 'token', tokenId: id, tokenName: name, ...person, ...origin }
    const scopes = [ownLog(owner), ...teams.map(teamLog)] as const
    const about = { id, name, owner }
    await audit.write(
      { event: 'user.pat.revoked', actor, token: about, scopes, body: { reason: 'by_client' } },
      transaction,
    )
  })
}
