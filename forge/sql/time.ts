import type { Sequelize } from 'sequelize'

import type { RawTime } from './rows.ts'

export function toIso(time: RawTime): string {
  return new Date(time).toISOString()
}

export function toEpochMs(time: RawTime): number {
  return new Date(time).getTime()
}

/** A time as both databases read it, in the form that Sequelize writes on SQLite. */
export function sqlTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', ' +00:00')
}

/**
 * SQL for the day (UTC) of a time: what to group by, and the text of it, as `YYYY-MM-DD`. Making text of every single
 * time would take PostgreSQL longer than the counting. @param column SQL: one of our own columns
 */
export function sqlDay(db: Sequelize, column: string): { day: string; text: string } {
  if (db.getDialect() !== 'postgres') return { day: `substr(${column}, 1, 10)`, text: `substr(${column}, 1, 10)` }

  const day = `CAST(${column} AT TIME ZONE 'UTC' AS DATE)`
  return { day, text: `to_char(${day}, 'YYYY-MM-DD')` }
}

/** SQL for times by the clock of the database. The arguments are SQL too: a parameter, a column. */
export interface DatabaseClock {
  now: string
  secondsFromNow(seconds: string): string
  secondsSince(time: string): string
}

/**
 * The database's own time. Processes on several machines compare times by it, because their clocks differ.
 * On SQLite all processes are on one machine; the text is in the form that Sequelize writes and that sorts by time.
 */
export function databaseClock(db: Sequelize): DatabaseClock {
  return db.getDialect() === 'postgres' ? POSTGRES : SQLITE
}

const POSTGRES: DatabaseClock = {
  now: 'clock_timestamp()',
  secondsFromNow: (seconds) => `clock_timestamp() + make_interval(secs => ${seconds})`,
  secondsSince: (time) => `CAST(EXTRACT(EPOCH FROM clock_timestamp() - ${time}) AS DOUBLE PRECISION)`,
}

const SQLITE_TIME = '%Y-%m-%d %H:%M:%f +00:00'
const SQLITE: DatabaseClock = {
  now: `strftime('${SQLITE_TIME}', 'now')`,
  secondsFromNow: (seconds) => `strftime('${SQLITE_TIME}', 'now', ${seconds} || ' seconds')`,
  secondsSince: (time) => `(julianday('now') - julianday(${time})) * 86400.0`,
}
