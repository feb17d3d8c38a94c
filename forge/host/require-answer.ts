import type { Socket } from 'node:net'

import type { ClientBase } from 'pg'
import type { Sequelize } from 'sequelize'

import { ForgeError } from '../errors/forge-error.ts'
import { selectRows } from '../sql/rows.ts'

/** A database that takes longer to answer a small question is not fit for work. */
const PATIENCE_MS = 2_000

/** The rows of a small statement. @param name as people call the database @throws {ForgeError} unavailable */
export function requireAnswer<Row extends object>(db: Sequelize, sql: string, name: string): Promise<Row[]> {
  return askWithin<Row>(db, sql, PATIENCE_MS).catch((cause: unknown) => {
    throw new ForgeError('unavailable', `${name} does not answer.`, { cause, retryAfterSeconds: 5 })
  })
}

/**
 * A connection that has not answered until then is thrown away, and the pool makes another: one that was cut without a
 * word would else be waited for by minutes.
 */
async function askWithin<Row extends object>(db: Sequelize, sql: string, ms: number): Promise<Row[]> {
  if (db.getDialect() !== 'postgres') return within(ms, selectRows<Row>(db, sql, []))

  const manager = db.connectionManager
  const connecting = manager.getConnection({ type: 'read' }) as Promise<ClientBase>
  const client = await within(ms, connecting).catch((error: unknown) => {
    connecting.then((late) => manager.releaseConnection(late)).catch(() => undefined)
    throw error
  })
  try {
    return (await within(ms, client.query<Row>(sql))).rows
  } catch (error) {
    ;(client as unknown as { connection: { stream: Socket } }).connection.stream.destroy()
    Object.assign(client, { _invalid: true })
    throw error
  } finally {
    manager.releaseConnection(client)
  }
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  answer.catch(() => undefined) // it may fail when nobody waits for it any more

  try {
    return await Promise.race([answer, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
