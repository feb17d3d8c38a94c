import type { ClientBase } from 'pg'
import { DatabaseError, type Sequelize } from 'sequelize'

import { selectRows } from './rows.ts'

/** A statement that is asked at every request, and so is planned only once on each connection. */
export interface Statement {
  /** Tells it from all others of this database. A text that is changed gets another name. */
  name: string
  /** SQL with `$1`, `$2`, …, in which both databases say the same. */
  text: string
}

/** A list only where PostgreSQL alone is asked. */
type Value = string | number | null | string[]

/**
 * What PostgreSQL says when the connection does not have, or may not use any more, what was prepared on it: a pooler in
 * between has changed connections, somebody has discarded all, a migration has changed a table.
 */
const NOT_PREPARED = ['26000', '42P05', '0A000']

/** The rows of a prepared statement, as they are. SQLite has nothing to gain from it, and is asked as ever. */
export async function selectPrepared<Row extends object>(
  db: Sequelize,
  statement: Statement,
  values: Value[],
): Promise<Row[]> {
  if (db.getDialect() !== 'postgres') return selectRows<Row>(db, statement.text, values)

  // Sequelize can't name a statement; a client of its pool can.
  const client = (await db.connectionManager.getConnection({ type: 'read' })) as ClientBase
  try {
    return (await ask(client, statement, values)).rows as Row[]
  } catch (error) {
    if (!isRefusal(error)) Object.assign(client, { _invalid: true }) // the pool then drops it
    throw new DatabaseError(Object.assign(error as Error, { sql: statement.text }))
  } finally {
    db.connectionManager.releaseConnection(client)
  }
}

async function ask(client: ClientBase, { name, text }: Statement, values: Value[]) {
  try {
    return await client.query({ name, text, values })
  } catch (error) {
    if (!isRefusal(error) || !NOT_PREPARED.includes(error.code)) throw error
    return client.query({ text, values })
  }
}

/** Whether it is the statement that failed; else the connection did, or was ended. */
function isRefusal(error: unknown): error is { code: string } {
  return (Object(error) as { severity?: unknown }).severity === 'ERROR'
}
