import { Op, type WhereOptions } from 'sequelize'

import type { SystemActor } from '../audit/actor.ts'
import type { EndedBefore } from '../housekeeping/tombstones.ts'
import type { TokenRow } from './model.ts'
import type { TokenStore } from './store.ts'
import { tracesOf } from './traces.ts'

const SYSTEM: SystemActor = { type: 'system', name: 'housekeeper' }

/**
 * Deletes tokens that expired, were revoked or retired before a moment, with their grants; exchanged ones before another. What the audit says of them
 * stays, and that they were deleted is added. Whoever else does it at the same moment waits, and finds them gone.
 * @param limit how many at most, so that others can write in between
 * @returns how many were deleted
 */
export async function deleteEndedTokens(
  { db, models, audit }: Pick<TokenStore, 'db' | 'models' | 'audit'>,
  { before, exchangedBefore }: EndedBefore,
  limit: number,
): Promise<number> {
  const where: WhereOptions<TokenRow> = {
    [Op.or]: [endedBefore(before), { issuedVia: 'exchange', ...endedBefore(exchangedBefore) }],
  }

  return db.transaction(async (transaction) => {
    const rows = await models.Token.findAll({
      ...{ where, limit, transaction, order: ['id'] },
      lock: transaction.LOCK.UPDATE,
    })
    await models.Token.destroy({ where: { id: rows.map(({ id }) => id) }, transaction })

    for (const row of rows) {
      const { owner, scopes } = await tracesOf(db, row, transaction)
      const entry = { actor: SYSTEM, token: { id: row.id, name: row.name, owner }, scopes }
      const body = { endedAt: endOf(row).toISOString() }
      await audit.write({ event: 'user.pat.deleted', ...entry, body }, transaction)
    }
    return rows.length
  })
}

function endedBefore(moment: Date): WhereOptions<TokenRow> {
  const earlier = { [Op.lt]: moment }
  return { [Op.or]: [{ expiresAt: earlier }, { revokedAt: earlier }, { retiresAt: earlier }] }
}

/** The end that came first. */
function endOf({ revokedAt, expiresAt, retiresAt }: TokenRow): Date {
  const ends = [revokedAt, expiresAt, retiresAt].flatMap((end) => (end === null ? [] : [end.getTime()]))
  return new Date(Math.min(...ends))
}
