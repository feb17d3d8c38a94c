import type { Sequelize, Transaction } from 'sequelize'

/**
 * Waits until no other transaction holds the lock of this name, and holds it until this one ends. On SQLite a
 * transaction is the only writer already.
 */
export async function lockByName(db: Sequelize, name: string, transaction: Transaction): Promise<void> {
  if (db.getDialect() !== 'postgres') return
  await db.query('SELECT pg_advisory_xact_lock(hashtext($1))', { bind: [name], transaction })
}
