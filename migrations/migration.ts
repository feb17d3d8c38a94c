import type { QueryInterface } from 'sequelize'
import type { MigrationParams } from 'umzug'

/** One change of the schema, with its way back. Both run inside the transaction that `migrate` opened. */
export interface Migration {
  name: string
  up(params: MigrationParams<QueryInterface>): Promise<void>
  down(params: MigrationParams<QueryInterface>): Promise<void>
}

/**
 * The two column types that SQLite and PostgreSQL spell differently, as Sequelize reads them back: everything else in a
 * migration is plain SQL that both understand.
 */
export function columnTypes(queryInterface: QueryInterface) {
  return queryInterface.sequelize.getDialect() === 'sqlite'
    ? { boolean: 'TINYINT(1)', time: 'DATETIME' }
    : { boolean: 'BOOLEAN', time: 'TIMESTAMP WITH TIME ZONE' }
}

/** Runs statements one after the other: SQLite takes only one at a time. */
export async function runStatements(queryInterface: QueryInterface, statements: string[]): Promise<void> {
  for (const statement of statements) await queryInterface.sequelize.query(statement)
}
