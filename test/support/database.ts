import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Sequelize } from 'sequelize'

import { migrate, openDatabase } from '../../forge/host/database.ts'
import { createPostgresDatabase } from './postgres.ts'

export type Dialect = 'sqlite' | 'postgres'

export interface TestDatabase {
  db: Sequelize
  /** As `DATABASE_URL` has it: for a second connection, or a second forge. */
  url: string
  cleanup(): Promise<void>
}

/** A fresh migrated database: an SQLite file in a folder of its own, or one on the run's PostgreSQL server. */
export async function createTestDatabase(dialect: Dialect = 'sqlite'): Promise<TestDatabase> {
  const { url, drop } = dialect === 'sqlite' ? await createSqliteFile() : await createPostgresDatabase()
  const db = await openDatabase(url)
  await migrate(db)

  return {
    db,
    url,
    async cleanup() {
      await db.close()
      await drop()
    },
  }
}

/** A path for an SQLite database that does not exist yet, as `DATABASE_URL` has it. */
export async function createSqliteFile(): Promise<{ url: string; drop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-test-'))
  return {
    url: `sqlite:${join(folder, 'forge.db')}`,
    drop: () => rm(folder, { recursive: true, force: true }),
  }
}
