import { existsSync } from 'node:fs'

import { Sequelize } from 'sequelize'
import sqlite3 from 'sqlite3'

import { ConfigError } from '../host/config-error.ts'
import { openPostgres } from '../host/postgres.ts'

/** FlowFuse's own writes come first; one of them takes milliseconds. */
const BUSY_TIMEOUT_MS = 2_000

class PatientConnection extends sqlite3.Database {
  constructor(...args: ConstructorParameters<typeof sqlite3.Database>) {
    super(...args)
    this.configure('busyTimeout', BUSY_TIMEOUT_MS)
    this.serialize()
  }
}

/**
 * FlowFuse's database, through which nothing can be written. On SQLite an open read transaction of ours would make
 * FlowFuse's writes fail: nobody may begin one here, every statement stands alone.
 * @param url `sqlite:path/to/forge.db` or `postgres://…`
 * @throws {ConfigError} when there is no such database
 */
export async function openFlowFuseDatabase(url: string): Promise<Sequelize> {
  const db = url.startsWith('sqlite:') ? openFile(url.slice('sqlite:'.length)) : openServer(url)
  try {
    await db.query('SELECT 1')
    return db
  } catch (error) {
    await db.close().catch(() => undefined)
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`FLOWFUSE_DATABASE names a database that cannot be opened: ${reason}.`)
  }
}

function openFile(storage: string): Sequelize {
  if (!existsSync(storage)) throw new ConfigError(`FLOWFUSE_DATABASE names the file ${storage}, which does not exist.`)
  return new Sequelize({
    dialect: 'sqlite',
    dialectModule: { ...sqlite3, Database: PatientConnection },
    dialectOptions: { mode: sqlite3.OPEN_READONLY },
    storage,
    logging: false,
  })
}

function openServer(url: string): Sequelize {
  return openPostgres(url, { pool: { max: 5 }, sessionOptions: '-c default_transaction_read_only=on' })
}
