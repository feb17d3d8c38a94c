import type { FastifyBaseLogger } from 'fastify'
import { QueryTypes, type Sequelize, type QueryInterface, type QueryOptions, type Transaction } from 'sequelize'
import { MigrationError, Umzug, type UmzugOptions, type UmzugStorage } from 'umzug'

import { migrations, moduleMigrations } from '../../migrations/index.ts'
import { isContention } from '../errors/contention.ts'
import { openPostgres, withoutLimits } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

/** PostgreSQL's number of the lock that lets one forge migrate at a time; any constant of our own will do. */
const MIGRATION_LOCK = 7_340_111

/**
 * A connected database that has not been migrated.
 * @param url `sqlite:path/to/file` or `postgres://user:password@host/database`
 * @param options.statementMs how long a statement may take on PostgreSQL
 */
export async function openDatabase(url: string, options: { statementMs?: number } = {}): Promise<Sequelize> {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length))

  const db = openPostgres(url, { ...options, pool: { max: 10 } })
  await db.authenticate()
  return db
}

/**
 * Brings the schema up to date: all that is missing, or nothing. One transaction holds the lock, the changes and the
 * record of them, so that two forges that start at once do not both migrate and a crash leaves nothing half done.
 */
export async function migrate(db: Sequelize, logger?: FastifyBaseLogger): Promise<void> {
  await withMigrations(db, logger, (umzug) => umzug.up())
}

/** The same for the module's tables alone, where the host has a database of its own. */
export async function migrateModule(db: Sequelize, logger?: FastifyBaseLogger): Promise<void> {
  await withMigrations(db, logger, (umzug) => umzug.up(), moduleMigrations)
}

/**
 * Takes the schema down again, newest first. What a migration has added goes with all that was kept in it.
 * @param to the last migration that is taken back; all of them when it is left out
 */
export async function migrateDown(db: Sequelize, { to = 0 }: { to?: string | 0 } = {}): Promise<void> {
  await withMigrations(db, undefined, (umzug) => umzug.down({ to }))
}

type Run = (umzug: Umzug<QueryInterface>) => Promise<unknown>

async function withMigrations(
  db: Sequelize,
  logger: FastifyBaseLogger | undefined,
  run: Run,
  steps = migrations,
): Promise<void> {
  const work = async (transaction: Transaction) => {
    const queryInterface = bindToTransaction(db, transaction)
    await lockMigrations(queryInterface)
    await run(
      new Umzug<QueryInterface>({
        migrations: steps,
        context: queryInterface,
        storage: migrationLog,
        logger: logger && atDebug(logger),
      }),
    )
  }
  const isPostgres = db.getDialect() === 'postgres'
  const migrateOnce = () =>
    db.transaction((transaction) =>
      isPostgres ? withoutLimits(transaction, () => work(transaction)) : work(transaction),
    )

  for (let left = RETRIES; ; left--) {
    try {
      return await migrateOnce()
    } catch (error) {
      if (left === 0 || !isContention(error instanceof MigrationError ? error.cause : error)) throw error
      logger?.warn('a migration and a forge at work waited for each other: it is tried again')
    }
  }
}

/** How often a migration may be the one that the database gives up; nothing of it has happened then. */
const RETRIES = 10

/** Umzug speaks of each step; that is for who looks for trouble. */
function atDebug(logger: FastifyBaseLogger): UmzugOptions['logger'] {
  const debug = (step: Record<string, unknown>) => logger.debug(step, 'schema')
  return { debug, info: debug, warn: (step) => logger.warn(step), error: (step) => logger.error(step) }
}

/** On SQLite the transaction itself is the lock, since it begins IMMEDIATE. */
async function lockMigrations({ sequelize }: QueryInterface): Promise<void> {
  if (sequelize.getDialect() === 'postgres') {
    await sequelize.query('SELECT pg_advisory_xact_lock($1)', { bind: [MIGRATION_LOCK] })
  }
  await sequelize.query('CREATE TABLE IF NOT EXISTS migrations (name VARCHAR(255) PRIMARY KEY)')
}

const migrationLog: UmzugStorage<QueryInterface> = {
  async executed({ context: { sequelize } }) {
    const rows = await sequelize.query<{ name: string }>('SELECT name FROM migrations ORDER BY name', {
      type: QueryTypes.SELECT,
    })
    return rows.map((row) => row.name)
  },
  async logMigration({ name, context: { sequelize } }) {
    await sequelize.query('INSERT INTO migrations (name) VALUES ($1)', { bind: [name] })
  },
  async unlogMigration({ name, context: { sequelize } }) {
    await sequelize.query('DELETE FROM migrations WHERE name = $1', { bind: [name] })
  },
}

/** A query interface whose every statement runs in the transaction, so that no migration can forget it. */
function bindToTransaction(db: Sequelize, transaction: Transaction): QueryInterface {
  const query = (sql: string, options: QueryOptions = {}) => db.query(sql, { ...options, transaction })
  const sequelize = Object.assign(Object.create(db) as Sequelize, { query })
  return Object.assign(Object.create(db.getQueryInterface()) as QueryInterface, { sequelize })
}
