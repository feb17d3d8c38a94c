import type { Sequelize } from 'sequelize'

import type { Tracer } from '../../tracer.ts'

interface DatabaseTracer extends Tracer {
  /** Statements that nobody waits for, such as those of the housekeeper, would be traces of one span each. */
  isWanted(): boolean
}

type Ask = (...input: unknown[]) => Promise<unknown>

/** Tells of statements by what they do to which table, never by their text: that may hold values. */
export function traceDatabase(db: Sequelize, tracer: DatabaseTracer): void {
  const system = db.getDialect() === 'postgres' ? 'postgresql' : 'sqlite'
  const traced = (ask: Ask, nameOf: (statement: unknown) => string | null): Ask => {
    return async (...input) => {
      const name = tracer.isWanted() ? nameOf(input[0]) : null
      if (name === null) return ask(...input)
      return tracer.span(name, (span) => {
        span.set('db.system.name', system)
        return ask(...input)
      })
    }
  }
  Object.assign(db, { query: traced(db.query.bind(db) as Ask, nameOfText) })

  // Prepared statements go past Sequelize, to the connection, by their name.
  const seen = new WeakSet<object>()
  const manager = db.connectionManager
  const getConnection = manager.getConnection.bind(manager)
  manager.getConnection = async (options) => {
    const connection = (await getConnection(options)) as { query?: unknown }
    if (!seen.has(connection) && typeof connection.query === 'function') {
      seen.add(connection)
      const ask = connection.query.bind(connection) as Ask
      const askInTrace = traced(ask, nameOfPrepared)
      connection.query = (...input: unknown[]) =>
        nameOfPrepared(input[0]) === null ? ask(...input) : askInTrace(...input)
    }
    return connection
  }
}

/** `SELECT pat_tokens`. */
export function nameOfText(statement: unknown): string {
  const text = typeof statement === 'string' ? statement : (Object(statement) as { query?: unknown }).query
  const sql = typeof text === 'string' ? text : ''
  const [, verb = 'SQL'] = /^\s*(\w{2,12})\b/.exec(sql) ?? []
  const [, table = ''] = /\b(?:FROM|INTO|UPDATE|TABLE)\s+["`]?([a-z]\w{1,40})/i.exec(sql) ?? []
  return `${verb.toUpperCase()} ${table}`.trim()
}

function nameOfPrepared(statement: unknown): string | null {
  const { name } = Object(statement) as { name?: unknown }
  return typeof name === 'string' ? name : null
}
