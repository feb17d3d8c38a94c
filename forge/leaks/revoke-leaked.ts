import { Op } from 'sequelize'

import type { Actor, SystemActor, TokenActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { Person } from '../directory/directory.ts'
import { tell } from '../notices/tell.ts'
import type { KnownToken } from '../tokens/facts.ts'
import { teamsReached } from '../tokens/record.ts'
import type { TokenStore } from '../tokens/store.ts'
import { listTargets } from '../tokens/wish.ts'

/** Who says that a token leaked. */
export type LeakSource =
  | { type: 'holder'; requestId: string; address: string }
  /** @property url where it was found, when GitHub says so */
  | { type: 'github'; url: string | null }

const GITHUB: SystemActor = { type: 'system', name: 'GitHub secret scanning' }

/**
 * Ends a token whose text is in wrong hands, and tells its owner where that came from: all of it or nothing. A retired
 * token raises the same; one that expired or was revoked is no use to anybody, and changes nothing.
 */
export async function revokeLeaked(store: TokenStore, token: KnownToken, source: LeakSource): Promise<void> {
  const { db, models, audit } = store
  const [owner] = await store.directory.people([token.userId])
  const teams = teamsReached({ targets: await listTargets(store, token.userId), grants: token.facts.grants })
  const now = new Date()

  await db.transaction(async (transaction) => {
    const notOver = { revokedAt: null, [Op.or]: [{ expiresAt: null }, { expiresAt: { [Op.gt]: now } }] }
    const end = { revokedAt: now, endReason: 'leaked' as const, alarmAt: null }
    const [ended] = await models.Token.update(end, { where: { id: token.id, ...notOver }, transaction })
    if (ended === 0 || !owner) return

    const about = { id: token.id, name: token.name }
    const url = source.type === 'github' ? source.url : null
    const entry = {
      actor: actorOf(source, token, owner),
      token: { ...about, owner },
      scopes: [ownLog(owner), ...teams.map(teamLog)] as const,
    }
    const report = { source: source.type, url }
    await audit.write({ event: 'user.pat.leak-reported', ...entry, body: report }, transaction)
    await audit.write({ event: 'user.pat.revoked', ...entry, body: { reason: 'leaked' } }, transaction)

    const body = { token: about, at: now.toISOString(), ...report }
    await tell(
      db,
      { userId: owner.id, kind: 'token-leaked', dedupeKey: `leaked:${token.id}`, body },
      { transaction, now },
    )
  })
}

/** Whoever holds the text could act as the token, and did. */
function actorOf(source: LeakSource, { id, name }: KnownToken, owner: Person): Actor {
  if (source.type === 'github') return GITHUB

  const { requestId, address } = source
  const holder: TokenActor = {
    type: 'token',
    tokenId: id,
    tokenName: name,
    userId: owner.id,
    username: owner.username,
    requestId,
    address,
  }
  return holder
}
