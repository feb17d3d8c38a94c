import { QueryTypes, type Sequelize, type Transaction } from 'sequelize'

/** A time or a truth of a raw row: SQLite has text and numbers where PostgreSQL has dates and booleans. */
export type RawTime = string | Date
export type RawBoolean = number | boolean

/** The rows of one statement, as they are. @param bind values of `$1`, `$2`, …, or of `$name` */
export function selectRows<Row extends object>(
  db: Sequelize,
  sql: string,
  bind: unknown[] | Record<string, unknown>,
  transaction: Transaction | null = null,
): Promise<Row[]> {
  return db.query<Row>(sql, { type: QueryTypes.SELECT, raw: true, bind, transaction })
}

/** `$1,$2,…`, for a list of bound values: `IN (${placesFor(ids)})`. */
export function placesFor(values: readonly unknown[]): string {
  return values.map((_, index) => `$${index + 1}`).join()
}

/**
 * Runs one writing statement and answers how many rows it wrote: how a conditional write tells whether it took effect.
 * @param bind values of `$1`, `$2`, …; a time goes in through `sqlTime`, or is computed in the statement
 */
export function writeRows(
  db: Sequelize,
  sql: string,
  bind: (string | number | null)[],
  transaction: Transaction | null = null,
): Promise<number> {
  // Of Sequelize's types the only one that counts rows on both databases, whatever the statement begins with.
  return db.query(sql, { type: QueryTypes.BULKUPDATE, bind, transaction })
}
