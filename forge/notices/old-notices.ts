import type { Sequelize } from 'sequelize'

import { inBatches } from '../housekeeping/batches.ts'
import type { Task } from '../housekeeping/task.ts'
import { writeRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'

/** Nobody looks for older news; what must be kept is in the audit. */
const KEPT_DAYS = 180
const DAY_MS = 86_400_000

/** Removes notices that were written half a year ago, read or not. */
export function oldNoticesTask(db: Sequelize): Task {
  return {
    name: 'old-notices',
    everySeconds: 86_400,
    async run(now, shouldStop) {
      const before = sqlTime(new Date(now.getTime() - KEPT_DAYS * DAY_MS))
      const deleteSome = (limit: number) =>
        writeRows(
          db,
          'DELETE FROM pat_notices WHERE id IN (SELECT id FROM pat_notices WHERE created_at < $1 LIMIT $2)',
          [before, limit],
        )
      await inBatches(deleteSome, shouldStop)
    },
  }
}
