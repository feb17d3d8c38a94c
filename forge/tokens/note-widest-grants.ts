import type { Transaction } from 'sequelize'

import { GRANT_TYPES } from '../contract/grant.ts'
import { inBatches } from '../housekeeping/batches.ts'
import type { Task } from '../housekeeping/task.ts'
import { placesFor, selectRows, writeRows } from '../sql/rows.ts'
import type { TokenStore } from './store.ts'

type Store = Pick<TokenStore, 'db' | 'models'>

/** Notes the widest grant of tokens of which it is not noted. Lists are right without it, and slower. */
export function noteWidestGrantsTask(store: Store): Task {
  return {
    name: 'widest-grants',
    everySeconds: 3600,
    run: (_now, shouldStop) => inBatches((limit) => noteSome(store, limit), shouldStop),
  }
}

async function noteSome({ db, models }: Store, limit: number): Promise<number> {
  const ids = await findUnnoted(db, limit)
  if (ids.length === 0) return 0

  await db.transaction(async (transaction) => {
    // No forge changes their grants meanwhile.
    const lock = transaction.LOCK.UPDATE
    await models.Token.findAll({ where: { id: ids }, attributes: ['id'], order: ['id'], lock, transaction })
    await note(db, ids, transaction)
  })
  return ids.length
}

async function findUnnoted(db: Store['db'], limit: number): Promise<string[]> {
  const rows = await selectRows<{ id: string }>(
    db,
    `SELECT t.id FROM pat_tokens t
      WHERE t.widest_grant IS NULL AND EXISTS (SELECT 1 FROM pat_token_grants g WHERE g.token_id = t.id)
      ORDER BY t.created_at DESC, t.id DESC LIMIT $1`,
    [limit],
  )
  return rows.map(({ id }) => id)
}

const RANKS = GRANT_TYPES.map((type, rank) => `WHEN '${type}' THEN ${rank}`).join(' ')

/** The grants first: a hand that takes one away from then on takes the note along. */
async function note(db: Store['db'], ids: string[], transaction: Transaction): Promise<void> {
  await writeRows(
    db,
    `UPDATE pat_token_grants SET widest = (pat_token_grants.type || ' ' || pat_token_grants.target_id =
       (SELECT g.type || ' ' || g.target_id FROM pat_token_grants g WHERE g.token_id = pat_token_grants.token_id
         ORDER BY CASE g.type ${RANKS} END, g.target_id LIMIT 1))
      WHERE token_id IN (${placesFor(ids)})`,
    ids,
    transaction,
  )
  await writeRows(
    db,
    `UPDATE pat_tokens SET widest_grant =
       (SELECT g.type || ' ' || g.target_id FROM pat_token_grants g WHERE g.token_id = pat_tokens.id AND g.widest)
      WHERE id IN (${placesFor(ids)})`,
    ids,
    transaction,
  )
}
