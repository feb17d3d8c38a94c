import type { Grant, GrantType } from '../contract/grant.ts'
import { inBatches } from '../housekeeping/batches.ts'
import type { Task } from '../housekeeping/task.ts'
import { placesFor, selectRows, writeRows } from '../sql/rows.ts'
import type { TokenStore } from './store.ts'

/** From the widest to the narrowest. */
export const GRANT_TYPES = ['team', 'application', 'instance'] as const satisfies readonly GrantType[]

/** A grant in one word, as a token notes the widest of its own. */
export const keyOfGrant = ({ type, id }: Grant): string => `${type} ${id}`

/** The one of a token's grants that reaches furthest; of several alike the first. */
export const widestOf = (grants: readonly Grant[]): Grant | undefined =>
  GRANT_TYPES.flatMap((type) => grants.find((grant) => grant.type === type) ?? [])[0]

/** What a token notes of its grants. */
export function keyOfWidest(grants: readonly Grant[]): string | null {
  const widest = widestOf(grants)
  return widest ? keyOfGrant(widest) : null
}

/** Notes the widest grant of tokens of which it is not noted. Lists are right without it, and slower. */
export function noteWidestGrantsTask(store: Pick<TokenStore, 'db' | 'models'>): Task {
  return {
    name: 'widest-grants',
    everySeconds: 3600,
    run: (_now, shouldStop) => inBatches((limit) => noteSome(store, limit), shouldStop),
  }
}

async function noteSome({ db, models }: Pick<TokenStore, 'db' | 'models'>, limit: number): Promise<number> {
  const found = await selectRows<{ id: string }>(
    db,
    `SELECT t.id FROM pat_tokens t
      WHERE t.widest_grant IS NULL AND EXISTS (SELECT 1 FROM pat_token_grants g WHERE g.token_id = t.id)
      ORDER BY t.created_at DESC, t.id DESC LIMIT $1`,
    [limit],
  )
  const ids = found.map(({ id }) => id)
  if (ids.length === 0) return 0

  await db.transaction(async (transaction) => {
    // Nobody changes their grants meanwhile.
    await models.Token.findAll({
      where: { id: ids },
      attributes: ['id'],
      order: ['id'],
      lock: transaction.LOCK.UPDATE,
      transaction,
    })
    await writeRows(
      db,
      `UPDATE pat_tokens SET widest_grant =
         (SELECT g.type || ' ' || g.target_id FROM pat_token_grants g WHERE g.token_id = pat_tokens.id
           ORDER BY CASE g.type WHEN 'team' THEN 1 WHEN 'application' THEN 2 ELSE 3 END, g.target_id LIMIT 1)
        WHERE id IN (${placesFor(ids)})`,
      ids,
      transaction,
    )
    await writeRows(
      db,
      `UPDATE pat_token_grants SET widest =
         (SELECT t.widest_grant = type || ' ' || target_id FROM pat_tokens t WHERE t.id = token_id)
        WHERE token_id IN (${placesFor(ids)})`,
      ids,
      transaction,
    )
  })
  return ids.length
}
