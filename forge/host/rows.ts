import { QueryTypes, type Sequelize, type Transaction } from 'sequelize'

/** The rows of one statement, as they are. @param bind values of `$1`, `$2`, … */
export function selectRows<Row extends object>(
  db: Sequelize,
  sql: string,
  bind: unknown[],
  transaction: Transaction | null = null,
): Promise<Row[]> {
  return db.query<Row>(sql, { type: QueryTypes.SELECT, raw: true, bind, transaction })
}

/** A time or a truth of a raw row: SQLite has text and numbers where PostgreSQL has dates and booleans. */
export type RawTime = string | Date
export type RawBoolean = number | boolean

export function toIso(time: RawTime): string {
  return new Date(time).toISOString()
}
