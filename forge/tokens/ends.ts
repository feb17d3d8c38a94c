import { Op, type WhereOptions } from 'sequelize'

import type { SystemActor } from '../audit/actor.ts'
import type { Task } from '../housekeeping/task.ts'
import type { TokenRow } from './model.ts'
import type { TokenStore } from './store.ts'
import { tracesOf } from './traces.ts'

const SYSTEM: SystemActor = { type: 'system', name: 'housekeeper' }

/** Tokens that are read at once. */
const BATCH = 200

/**
 * Writes into the audit what happened by itself: a token expired, or the grace of a rotated one ended. From then on it has
 * ended also for a forge whose clock is behind, so it is done often.
 */
export function notedEndsTask(store: TokenStore): Task {
  return {
    name: 'noted-ends',
    everySeconds: 15,
    run: (now, shouldStop) => noteEnds(store, now, shouldStop),
  }
}

/** Once for each token, whoever else does it at the same moment. @param shouldStop asked between two tokens */
export async function noteEnds(store: TokenStore, now: Date, shouldStop = () => false): Promise<void> {
  const passed = { [Op.lte]: now }
  const unsaid: WhereOptions<TokenRow> = {
    endNoted: false,
    revokedAt: null,
    [Op.or]: [{ expiresAt: passed }, { retiresAt: passed }],
  }
  let rows: TokenRow[]
  do {
    rows = await store.models.Token.findAll({ where: unsaid, order: ['expiresAt', 'id'], limit: BATCH })
    for (const row of rows) {
      if (shouldStop()) return
      await noteEnd(store, row, unsaid)
    }
  } while (rows.length === BATCH)
}

/**
 * The end that came first is what is said. The mark and the entry stand together or not at all. The mark ends the token for
 * good, so it is looked at once more whether nobody has put off its end meanwhile.
 */
async function noteEnd(
  { db, models, audit }: TokenStore,
  row: TokenRow,
  unsaid: WhereOptions<TokenRow>,
): Promise<void> {
  const { id, name, expiresAt, retiresAt } = row

  await db.transaction(async (transaction) => {
    const where = { [Op.and]: [{ id }, unsaid] }
    const [noted] = await models.Token.update({ endNoted: true }, { where, silent: true, transaction })
    if (noted === 0) return

    const { owner, scopes } = await tracesOf(db, row, transaction)
    const entry = { actor: SYSTEM, token: { id, name, owner }, scopes }
    const expiredFirst = expiresAt !== null && (retiresAt === null || expiresAt <= retiresAt)
    if (expiredFirst) {
      const body = { expiresAt: expiresAt.toISOString() }
      await audit.write({ event: 'user.pat.expired', ...entry, body }, transaction)
    } else {
      await audit.write({ event: 'user.pat.grace-ended', ...entry, body: { because: 'time' } }, transaction)
    }
  })
}
