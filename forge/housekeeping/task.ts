import { selectRows, writeRows, type RawTime } from '../sql/rows.ts'
import { databaseClock } from '../sql/time.ts'
import type { Sequelize } from 'sequelize'

import { withLease } from './lease.ts'

/** Something to be done again and again, by one process however many there are. */
export interface Task {
  /** Names its lease and its record; at most 50 characters, never changed. */
  name: string
  everySeconds: number
  /**
   * Must be right however often it runs: after a failure it starts again, and a lease is no lock.
   * @param now by the clock of the database: a forge whose own clock is wrong must not call ended what is not
   * @param shouldStop asked between two steps of long work; what is left is done next time
   */
  run(now: Date, shouldStop: () => boolean): Promise<void>
}

/** After the death of a process its task is taken over this much later at most. */
const LEASE_SECONDS = 60

/**
 * Runs the task if it is due and nobody else is at it, and records that it is done: for all processes, and for this one
 * after a restart. What failed, or stopped half-way, stays due.
 * @returns whether it was done here
 */
export async function runIfDue(db: Sequelize, task: Task, isClosing: () => boolean): Promise<boolean> {
  if ((await secondsUntilDue(db, task)) > 0) return false

  let done = false
  await withLease(db, `task:${task.name}`, LEASE_SECONDS, async (lost) => {
    // Another process may have done it while this one reached for the lease.
    if ((await secondsUntilDue(db, task)) > 0) return

    const shouldStop = () => isClosing() || lost.aborted
    await task.run(await databaseNow(db), shouldStop)
    if (shouldStop()) return
    await recordDone(db, task.name)
    done = true
  })
  return done
}

/** Zero or less when the task is due. */
export async function secondsUntilDue(db: Sequelize, { name, everySeconds }: Task): Promise<number> {
  const [run] = await selectRows<{ ago: number }>(
    db,
    `SELECT ${databaseClock(db).secondsSince('done_at')} AS ago FROM pat_task_runs WHERE task = $1`,
    [name],
  )
  return run ? everySeconds - run.ago : 0
}

async function databaseNow(db: Sequelize): Promise<Date> {
  const [row] = await selectRows<{ now: RawTime }>(db, `SELECT ${databaseClock(db).now} AS now`, [])
  if (!row) throw new TypeError('a statement that always answers one row answered none')
  return new Date(row.now)
}

async function recordDone(db: Sequelize, name: string): Promise<void> {
  await writeRows(
    db,
    `INSERT INTO pat_task_runs (task, done_at) VALUES ($1, ${databaseClock(db).now})
     ON CONFLICT (task) DO UPDATE SET done_at = excluded.done_at`,
    [name],
  )
}
