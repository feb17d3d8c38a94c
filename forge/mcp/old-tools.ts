import type { Sequelize } from 'sequelize'

import type { Task } from '../housekeeping/task.ts'
import { writeRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'

/** For how long a tool that is gone can still be looked at. */
const KEPT_DAYS = 90
const DAY_MS = 86_400_000

/** Removes tools that no instance has reported for long. What the log of calls says of them stays. */
export function oldToolsTask(db: Sequelize): Task {
  return {
    name: 'old-tools',
    everySeconds: 86_400,
    async run(now) {
      const before = sqlTime(new Date(now.getTime() - KEPT_DAYS * DAY_MS))
      await writeRows(db, 'DELETE FROM pat_tools WHERE last_seen_at < $1', [before])
    },
  }
}
