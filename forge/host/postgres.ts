import type { Socket } from 'node:net'

import pg from 'pg'
import { Sequelize, type Options, type Transaction } from 'sequelize'

/**
 * PostgreSQL gives a statement up after this time, also where it only waits for a lock. Requests ask for pages, and
 * housekeeping does a batch at a time: nothing takes seconds on a database that is well.
 */
const STATEMENT_MS = 10_000
/** So much longer PostgreSQL has to say so, before its connection counts as dead. */
const GRACE_MS = 2_000
const CONNECT_WITHIN_MS = 3_000

interface PostgresOptions extends Pick<Options, 'pool'> {
  /** How long a statement may take. */
  statementMs?: number | undefined
  /** What a session begins with, as on PostgreSQL's command line. */
  sessionOptions?: string
}

/** Connections of which each is dropped when it does not answer in time, whatever its socket says. */
export function openPostgres(url: string, options: PostgresOptions = {}): Sequelize {
  const { statementMs = STATEMENT_MS, pool, sessionOptions } = options
  class Client extends MortalClient {
    override readonly silenceMs = statementMs + GRACE_MS
  }

  const db = new Sequelize(url, {
    dialect: 'postgres',
    dialectModule: { ...pg, Client },
    logging: false,
    pool: { ...pool, acquire: statementMs },
    dialectOptions: {
      ...{ keepAlive: true, connectionTimeoutMillis: CONNECT_WITHIN_MS },
      ...(sessionOptions === undefined ? {} : { options: sessionOptions }),
    },
  })
  db.addHook('afterConnect', async (connection) => void (await (connection as pg.Client).query(limits(statementMs))))
  return db
}

/**
 * What a session sets for itself; in its greeting a pooler would refuse it. PostgreSQL ends a transaction, with the locks
 * that it holds, whose forge has fallen silent, and notices a connection that leads nowhere any more. It reads with one
 * process: what a forge asks for is read before helpers have started.
 */
const limits = (statementMs: number) => `
  SET statement_timeout = ${statementMs};
  SET idle_in_transaction_session_timeout = ${statementMs + GRACE_MS};
  SET tcp_keepalives_idle = 30;
  SET tcp_keepalives_interval = 10;
  SET tcp_keepalives_count = 3;
  SET max_parallel_workers_per_gather = 0`

/**
 * Does the work of a transaction whose statements may take as long as they take. Sequelize has no name for the
 * connection that a transaction is on.
 */
export async function withoutLimits<T>(transaction: Transaction, work: () => Promise<T>): Promise<T> {
  const { connection } = transaction as Transaction & { connection: MortalClient }
  await connection.query('SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0')
  connection.isPatient = true
  try {
    return await work()
  } finally {
    connection.isPatient = false
  }
}

/**
 * A connection that may end at any moment, with a word or without. Sequelize listens a moment too late: a goodbye that
 * comes together with the greeting would end the process. And where packets are lost the socket itself says nothing for a
 * quarter of an hour. Marked as invalid, the pool lets go of the connection.
 */
class MortalClient extends pg.Client {
  /** A statement that is not answered for so long is not going to be. */
  protected readonly silenceMs: number = STATEMENT_MS + GRACE_MS
  isPatient = false

  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on('error', () => void Object.assign(this, { _invalid: true }))
    this.once('connect', () => this.#watch())
  }

  #watch(): void {
    const { stream } = (this as unknown as { connection: { stream: Socket } }).connection
    // Again and again: a connection may have had nothing to do before.
    stream.setTimeout(this.silenceMs).on('timeout', () => {
      const { readyForQuery, _ending: isEnding } = this as unknown as { readyForQuery: boolean; _ending: boolean }
      const isIdle = readyForQuery && !isEnding
      if (!isIdle && !this.isPatient) stream.destroy()
    })
  }
}
