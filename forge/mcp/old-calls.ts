import type { Sequelize } from 'sequelize'

import { lowestIdAt } from '../audit/entry-id.ts'
import { inBatches } from '../housekeeping/batches.ts'
import type { Task } from '../housekeeping/task.ts'
import { writeRows } from '../sql/rows.ts'

const CALL_LOG_DAYS = 90
const DAY_MS = 86_400_000

/** Removes calls that the forge learned of long ago. */
export function oldCallsTask(db: Sequelize, callLogDays = CALL_LOG_DAYS): Task {
  return {
    name: 'old-calls',
    everySeconds: 3_600,
    async run(now, shouldStop) {
      const before = lowestIdAt(now.getTime() - callLogDays * DAY_MS)
      const deleteSome = (limit: number) =>
        writeRows(
          db,
          'DELETE FROM pat_tool_calls WHERE id IN (SELECT id FROM pat_tool_calls WHERE id < $1 ORDER BY id LIMIT $2)',
          [before, limit],
        )
      await inBatches(deleteSome, shouldStop)
    },
  }
}
