import { QueryTypes, type Sequelize } from 'sequelize'

/**
 * Runs one writing statement and answers how many rows it wrote: how a conditional write tells whether it took effect.
 * @param bind values of `$1`, `$2`, …; times are computed in the statement (`databaseClock`)
 */
export function writeRows(db: Sequelize, sql: string, bind: (string | number)[]): Promise<number> {
  // Of Sequelize's types the only one that counts rows on both databases, whatever the statement begins with.
  return db.query(sql, { type: QueryTypes.BULKUPDATE, bind })
}

/**
 * The database's own time as SQL. Processes on several machines compare times by it, because their clocks differ.
 * On SQLite all processes are on one machine; the text is in the form that Sequelize writes and that sorts by time.
 */
export function databaseClock(db: Sequelize): { now: string; secondsFromNow(seconds: string): string } {
  return db.getDialect() === 'postgres' ? POSTGRES : SQLITE
}

const POSTGRES = {
  now: 'clock_timestamp()',
  secondsFromNow: (seconds: string) => `clock_timestamp() + make_interval(secs => ${seconds})`,
}

const SQLITE_TIME = '%Y-%m-%d %H:%M:%f +00:00'
const SQLITE = {
  now: `strftime('${SQLITE_TIME}', 'now')`,
  secondsFromNow: (seconds: string) => `strftime('${SQLITE_TIME}', 'now', ${seconds} || ' seconds')`,
}
