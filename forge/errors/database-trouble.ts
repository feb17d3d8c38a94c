import { isContention } from './contention.ts'

/** Why the database did not do what it was asked: for a person, and after how many seconds trying again makes sense. */
export interface DatabaseTrouble {
  sentence: string
  retryAfterSeconds: number
}

const BUSY = { sentence: 'Somebody else was changing the same at this moment. Try again.', retryAfterSeconds: 1 }
const AWAY = { sentence: 'The database does not answer at this moment. Try again.', retryAfterSeconds: 1 }
const FULL = {
  sentence: 'The database has no room left, and nothing was changed. Reading goes on; its operator has to make room.',
  retryAfterSeconds: 30,
}
const READ_ONLY = {
  sentence: 'The database takes no changes at this moment, and nothing was changed. Reading goes on. Try again.',
  retryAfterSeconds: 10,
}

/** What each code means: PostgreSQL's (appendix A of its manual), and SQLite's. */
const BY_CODE: [RegExp, DatabaseTrouble][] = [
  // Connections that broke or were not let in, a server that stops, starts, has crashed, or is out of connections; a
  // statement that took too long, or a transaction that fell silent.
  [/^(?:08...|57P0[1-5]|57014|25P03|53300|53200|SQLITE_IOERR|SQLITE_CANTOPEN)$/, AWAY],
  [/^(?:53100|SQLITE_FULL)$/, FULL],
  // A standby that is not the primary any more, or not yet; a file system that was mounted anew for reading.
  [/^(?:25006|SQLITE_READONLY)$/, READ_ONLY],
]

/** What happens to a socket. Of an error that is not the database's it would say nothing of the database. */
const SOCKET_CODE = /^(?:ECONN(?:RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/

/** What `pg` says, without a code, of a connection that ended under a query, or before it. */
const LOST_CONNECTION = /^(?:Connection terminated|Client has encountered a connection error|Client was closed)/

/** Null for a fault that is not the database's. */
export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  if (isContention(error)) return BUSY

  const { name, original } = Object(error) as { name?: unknown; original?: unknown }
  const { code, message } = Object(original ?? error) as { code?: unknown; message?: unknown }
  const known = BY_CODE.find(([pattern]) => pattern.test(String(code)))
  if (known) return known[1]

  // Sequelize's own, whatever is behind them: no connection, or none that was free in time.
  const noConnection = String(name).startsWith('SequelizeConnection')
  const lost = LOST_CONNECTION.test(String(message)) || (original !== undefined && SOCKET_CODE.test(String(code)))
  return noConnection || lost ? AWAY : null
}
