import { Op } from 'sequelize'

import type { SystemActor } from '../audit/actor.ts'
import { ownLog } from '../audit/entry.ts'
import type { KnownToken } from './facts.ts'
import type { TokenStore } from './store.ts'

const SYSTEM: SystemActor = { type: 'system', name: 'rotation' }

/**
 * The first use of a new token ends the grace of those that it replaces, where their owner wanted it so. Of two first
 * uses at once one does it.
 */
export async function endGraceOfPredecessors(store: TokenStore, token: KnownToken, now: Date): Promise<void> {
  const { db, models, audit } = store
  const [owner] = await store.directory.people([token.userId])

  await db.transaction(async (transaction) => {
    const [first] = await models.Token.update(
      { endsGrace: false },
      { where: { id: token.id, endsGrace: true }, transaction },
    )
    if (first === 0) return

    const inGrace = {
      familyId: token.familyId,
      retiresOnFirstUse: true,
      id: { [Op.ne]: token.id },
      replacedById: { [Op.ne]: null },
      revokedAt: null,
      [Op.or]: [{ retiresAt: null }, { retiresAt: { [Op.gt]: now } }],
    }
    const predecessors = await models.Token.findAll({ where: inGrace, transaction })
    await models.Token.update({ retiresAt: now, endNoted: true }, { where: inGrace, transaction })
    if (!owner) return

    for (const { id, name } of predecessors) {
      const entry = { actor: SYSTEM, token: { id, name, owner }, scopes: [ownLog(owner)] as const }
      await audit.write({ event: 'user.pat.grace-ended', ...entry, body: { because: 'first_use' } }, transaction)
    }
  })
}
