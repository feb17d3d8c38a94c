import type { Sequelize } from 'sequelize'

import type { Task } from '../housekeeping/task.ts'
import { writeRows } from '../sql/rows.ts'

/** More than a busy forge writes in the quarter of a second after which every process has read them. */
const KEPT_ROWS = 10_000

/** Removes changes that every process on SQLite has read long ago; one that stood still meanwhile notices the gap. */
export function oldChangesTask(db: Sequelize): Task {
  return {
    name: 'old-changes',
    everySeconds: 3_600,
    async run() {
      if (db.getDialect() !== 'sqlite') return // PostgreSQL tells, and keeps nothing
      await writeRows(db, 'DELETE FROM pat_changes WHERE id <= (SELECT max(id) FROM pat_changes) - $1', [KEPT_ROWS])
    },
  }
}
