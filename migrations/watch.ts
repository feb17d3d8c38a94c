import type { QueryInterface } from 'sequelize'

import { runStatements } from './migration.ts'

/** What a row of a table is about. */
export interface Concern {
  /** `all` for what changes seldom and may concern anything. */
  kind: 'token' | 'user' | 'team' | 'instance' | 'rules' | 'all'
  /** The column that holds its id. */
  column: string
  /** Columns that say where the row matters: `instance`, `application` or `team`, and which. */
  place?: { type: string; column: string }
}

export interface WatchedTable {
  table: string
  concerns: Concern
  /** Columns whose change tells; those that no decision looks at, such as a last use, are left out. */
  columns: string[]
}

/**
 * Lets every change of a table be noticed, whoever makes it and by whatever way: another forge, psql, sqlite3. On
 * PostgreSQL triggers notify the channel `pat_changes`; on SQLite they add rows to the table of that name. What they
 * say is `kind` and `id`, or `id type place`. `forge/changes/` listens.
 *
 * A table joins by a line like this in the migration that creates it, once `module/20261124-30-watch-changes` has run:
 *
 *     await watch(queryInterface, { table: 'pat_policies', concerns: { kind: 'team', column: 'team_id' }, columns: […] })
 *
 * A migration that adds or drops a watched column calls `unwatch`, changes the table, and calls `watch` again.
 */
export async function watch(queryInterface: QueryInterface, ...tables: WatchedTable[]): Promise<void> {
  const triggersOf = isSqlite(queryInterface) ? sqliteTriggers : postgresTriggers
  await runStatements(queryInterface, tables.flatMap(triggersOf))
}

/** Takes the triggers away again. */
export async function unwatch(queryInterface: QueryInterface, ...tables: string[]): Promise<void> {
  const sqlite = isSqlite(queryInterface)
  const events = ['insert', 'update', 'delete', ...(sqlite ? [] : ['truncate'])]
  const drop = (table: string, event: string) => `DROP TRIGGER ${nameOf(table, event)}${sqlite ? '' : ` ON ${table}`}`

  await runStatements(
    queryInterface,
    tables.flatMap((table) => events.map((event) => drop(table, event))),
  )
}

export const isSqlite = (queryInterface: QueryInterface) => queryInterface.sequelize.getDialect() === 'sqlite'

const nameOf = (table: string, event: string) => `${table}_watch_${event}`

/** What is said of a row, as SQL. */
function subject({ column, place }: Concern, row: 'OLD' | 'NEW'): string {
  const id = `${row}.${column}`
  return place ? `${id} || ' ' || ${row}.${place.type} || ' ' || ${row}.${place.column}` : id
}

function sqliteTriggers({ table, concerns, columns }: WatchedTable): string[] {
  const [before, after] = [subject(concerns, 'OLD'), subject(concerns, 'NEW')]
  const tell = (text: string, where = '') =>
    `INSERT INTO pat_changes (kind, subject) SELECT '${concerns.kind}', coalesce(${text}, '')${where};`
  const changed = columns.map((column) => `OLD.${column} IS NOT NEW.${column}`).join(' OR ')

  return [
    `CREATE TRIGGER ${nameOf(table, 'insert')} AFTER INSERT ON ${table} BEGIN ${tell(after)} END`,
    `CREATE TRIGGER ${nameOf(table, 'update')} AFTER UPDATE ON ${table} WHEN ${changed}
       BEGIN ${tell(after)} ${tell(before, ` WHERE ${before} IS NOT ${after}`)} END`,
    `CREATE TRIGGER ${nameOf(table, 'delete')} AFTER DELETE ON ${table} BEGIN ${tell(before)} END`,
  ]
}

function postgresTriggers({ table, concerns: { kind, column, place }, columns }: WatchedTable): string[] {
  const changed = columns.map((each) => `OLD.${each} IS DISTINCT FROM NEW.${each}`).join(' OR ')
  const said = [kind, column, ...(place ? [place.type, place.column] : [])].map((text) => `'${text}'`).join()
  const call = `EXECUTE FUNCTION pat_tell_change(${said})`

  return [
    `CREATE TRIGGER ${nameOf(table, 'insert')} AFTER INSERT ON ${table} FOR EACH ROW ${call}`,
    `CREATE TRIGGER ${nameOf(table, 'update')} AFTER UPDATE ON ${table} FOR EACH ROW WHEN (${changed}) ${call}`,
    `CREATE TRIGGER ${nameOf(table, 'delete')} AFTER DELETE ON ${table} FOR EACH ROW ${call}`,
    `CREATE TRIGGER ${nameOf(table, 'truncate')} AFTER TRUNCATE ON ${table} FOR EACH STATEMENT ${call}`,
  ]
}
