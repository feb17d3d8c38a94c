import type { Sequelize } from 'sequelize'

import type { Confirmation } from '../contract/revocation.ts'
import type { Task } from '../housekeeping/task.ts'
import { selectRows, writeRows, type RawTime } from '../sql/rows.ts'
import { sqlTime, toEpochMs } from '../sql/time.ts'

/**
 * Notes that an instance holds nothing of these tokens any more. Only of tokens that have been ended there, and only for a
 * listener of its own: who confirms what nobody asked for changes nothing.
 * @param about.teamId of the instance
 * @returns for each of them the seconds since it was ended there
 */
export async function confirm(
  db: Sequelize,
  { listenerId, tokenIds, now, ...about }: Confirmation & { instanceId: string; teamId: string; now: Date },
): Promise<number[]> {
  const { instanceId } = about
  const ended = await endedAt(db, { listenerId, tokenIds, ...about })
  if (ended.length === 0) return []

  const rows = ended.map((_, index) => `($${4 + index}, $1, $2, $3)`)
  await writeRows(
    db,
    `INSERT INTO pat_confirmations (token_id, listener_id, instance_id, confirmed_at) VALUES ${rows.join()}
     ON CONFLICT (token_id, listener_id) DO NOTHING`,
    [listenerId, instanceId, sqlTime(now), ...ended.map(({ id }) => id)],
  )
  return ended.map(({ at }) => Math.max(0, now.getTime() - toEpochMs(at)) / 1000)
}

/** Those of the tokens that are revoked, or that an owner has ended for the instance or its team, and when they were. */
async function endedAt(
  db: Sequelize,
  about: { listenerId: string; tokenIds: string[]; instanceId: string; teamId: string },
): Promise<{ id: string; at: RawTime }[]> {
  const { listenerId, tokenIds, instanceId, teamId } = about
  const bind: unknown[] = [listenerId, instanceId, teamId, ...tokenIds]
  const ids = tokenIds.map((_, index) => `$${4 + index}`).join()

  return selectRows(
    db,
    `SELECT ended.id, max(ended.at) AS at
       FROM pat_listeners l
       JOIN (SELECT id, revoked_at AS at FROM pat_tokens WHERE id IN (${ids}) AND revoked_at IS NOT NULL
             UNION ALL SELECT token_id, created_at FROM pat_cuts WHERE token_id IN (${ids})
               AND ((scope_type = 'team' AND scope_id = $3) OR (scope_type = 'instance' AND scope_id = $2))) ended ON true
      WHERE l.id = $1 AND l.instance_id = $2
      GROUP BY ended.id`,
    bind,
  )
}

const KEPT_MS = 86_400_000

/** Removes confirmations of yesterday: by then nobody waits for them. */
export function oldConfirmationsTask(db: Sequelize): Task {
  return {
    name: 'old-confirmations',
    everySeconds: 3_600,
    async run(now) {
      const before = sqlTime(new Date(now.getTime() - KEPT_MS))
      await writeRows(db, 'DELETE FROM pat_confirmations WHERE confirmed_at < $1', [before])
    },
  }
}
