import { rmSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { Sequelize } from 'sequelize'

import { migrate, openDatabase } from '../../forge/host/database.ts'
import { createMigratedPostgres } from './postgres.ts'

export type Dialect = 'sqlite' | 'postgres'

export interface TestDatabase {
  db: Sequelize
  /** As `DATABASE_URL` has it: for a second connection, or a second forge. */
  url: string
  cleanup(): Promise<void>
}

/** A fresh migrated database: an SQLite file in a folder of its own, or one on the run's PostgreSQL server. */
export async function createTestDatabase(dialect: Dialect = 'sqlite'): Promise<TestDatabase> {
  const { url, drop } = dialect === 'sqlite' ? await copyOfMigrated() : await createMigratedPostgres(migrateAt)
  const db = await openDatabase(url)

  return {
    db,
    url,
    async cleanup() {
      await db.close()
      await drop()
    },
  }
}

async function migrateAt(url: string): Promise<void> {
  const db = await openDatabase(url)
  await migrate(db)
  await db.close()
}

let migrated: Promise<string> | null = null

/** Migrating takes longer than most tests, so one file is migrated and the others are copies of it. */
async function copyOfMigrated(): ReturnType<typeof createSqliteFile> {
  migrated ??= migrateTemplate()
  const { url, drop } = await createSqliteFile()
  await copyFile(pathOf(await migrated), pathOf(url))
  return { url, drop }
}

async function migrateTemplate(): Promise<string> {
  const { url, drop } = await createSqliteFile()
  const template = await createSqliteFile()
  const db = await openDatabase(url)
  await migrate(db)
  // Closing is not enough: what stands in the write-ahead log may not be in the file yet.
  await db.query(`VACUUM INTO '${pathOf(template.url)}'`)
  await db.close()
  await drop()
  process.once('exit', () => rmSync(dirname(pathOf(template.url)), { recursive: true, force: true }))
  return template.url
}

const pathOf = (url: string) => url.slice('sqlite:'.length)

/** A path for an SQLite database that does not exist yet, as `DATABASE_URL` has it. */
export async function createSqliteFile(): Promise<{ url: string; drop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-test-'))
  return {
    url: `sqlite:${join(folder, 'forge.db')}`,
    drop: () => rm(folder, { recursive: true, force: true }),
  }
}
