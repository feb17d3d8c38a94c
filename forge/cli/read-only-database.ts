import { existsSync } from 'node:fs'

import { Sequelize } from 'sequelize'
import sqlite3 from 'sqlite3'

import { ConfigError } from '../host/config.ts'

/**
 * Does the work on a connection through which nothing can be written.
 * @param url as `DATABASE_URL` has it
 * @throws {ConfigError} when there is no such database
 */
export async function withReadOnlyDatabase<T>(url: string, work: (db: Sequelize) => Promise<T>): Promise<T> {
  const db = url.startsWith('sqlite:') ? openFile(url.slice('sqlite:'.length)) : openServer(url)
  try {
    await db.authenticate()
  } catch (error) {
    throw new ConfigError(`DATABASE_URL names a database that cannot be opened: ${messageOf(error)}.`)
  }

  try {
    return await work(db)
  } finally {
    await db.close()
  }
}

function openFile(storage: string): Sequelize {
  if (!existsSync(storage)) throw new ConfigError(`DATABASE_URL names the file ${storage}, which does not exist.`)
  return new Sequelize({
    dialect: 'sqlite',
    storage,
    logging: false,
    dialectOptions: { mode: sqlite3.OPEN_READONLY },
  })
}

function openServer(url: string): Sequelize {
  return new Sequelize(url, {
    dialect: 'postgres',
    logging: false,
    pool: { max: 1 },
    dialectOptions: { options: '-c default_transaction_read_only=on' },
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
