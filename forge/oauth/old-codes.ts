import type { Sequelize } from 'sequelize'

import { inBatches } from '../housekeeping/batches.ts'
import type { Task } from '../housekeeping/task.ts'
import { writeRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'

/** A program that polls late is still told that its code has expired, and not that there never was one. */
const KEPT_MS = 3_600_000

/** Removes device codes that expired an hour ago, and counts of code entries that are over. */
export function oldCodesTask(db: Sequelize): Task {
  return {
    name: 'old-device-codes',
    everySeconds: 3_600,
    async run(now, shouldStop) {
      const before = sqlTime(new Date(now.getTime() - KEPT_MS))
      const deleteSome = (limit: number) =>
        writeRows(
          db,
          'DELETE FROM pat_device_codes WHERE id IN (SELECT id FROM pat_device_codes WHERE expires_at < $1 LIMIT $2)',
          [before, limit],
        )
      await inBatches(deleteSome, shouldStop)
      await writeRows(db, 'DELETE FROM pat_code_entries WHERE ends_at < $1', [before])
    },
  }
}
