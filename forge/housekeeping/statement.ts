import { QueryTypes, type Sequelize, type Transaction } from 'sequelize'

/**
 * Runs one writing statement and answers how many rows it wrote: how a conditional write tells whether it took effect.
 * @param bind values of `$1`, `$2`, …; a time goes in through `sqlTime`, or is computed in the statement
 */
export function writeRows(
  db: Sequelize,
  sql: string,
  bind: (string | number)[],
  transaction: Transaction | null = null,
): Promise<number> {
  // Of Sequelize's types the only one that counts rows on both databases, whatever the statement begins with.
  return db.query(sql, { type: QueryTypes.BULKUPDATE, bind, transaction })
}

/** A time as both databases read it, in the form that Sequelize writes on SQLite. */
export function sqlTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', ' +00:00')
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
