import type { FastifyBaseLogger } from 'fastify'
import type { Sequelize } from 'sequelize'

import type { Change } from './change.ts'
import { listenOnPostgres } from './postgres.ts'
import { watchSqlite } from './sqlite.ts'

/** Tells what has changed of the facts that decisions look at, whoever changed it and by whatever way. */
export interface Changes {
  /** Calls the listener with every change from now on, in order. It must not throw. @returns stops it */
  onChange(listener: (change: Change) => void): () => void

  /**
   * Whether facts that are held may be used for a request that is here now. False says that changes may be a second or
   * more under way, so that everything has to be read fresh. Where nobody has to be asked, the answer is there at once.
   * @param since by the monotonic clock, now unless said otherwise: a look after that will do
   */
  isCurrent(since?: number): boolean | Promise<boolean>

  /** Resolves once everything that was committed before the call has been told. Never fails. */
  settled(): Promise<void>

  /** Whether changes arrive at all. A change of kind `all` is told whenever this goes either way. */
  readonly healthy: boolean

  /** Begins to listen; resolves when it does, or when it turns out that this takes longer. */
  start(): Promise<void>
  close(): Promise<void>
}

/** The changes in a database whose tables are watched (`migrations/watch.ts`), over a connection of their own. */
export function createChanges(db: Sequelize, log: FastifyBaseLogger): Changes {
  return db.getDialect() === 'postgres' ? listenOnPostgres(db, log) : watchSqlite(db, log)
}
