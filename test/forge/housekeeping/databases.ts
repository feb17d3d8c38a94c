import type { Sequelize } from 'sequelize'

import { migrate, openDatabase } from '../../../forge/host/database.ts'
import { createTestDatabase } from '../../support/database.ts'
import { createPostgresDatabase } from '../../support/postgres.ts'

/** A migrated database on which two forges work, each with connections of its own. */
export interface SharedDatabase {
  db: Sequelize
  otherDb: Sequelize
  cleanup(): Promise<void>
}

export async function openSharedSqlite(): Promise<SharedDatabase> {
  const { db, url, cleanup } = await createTestDatabase()
  const otherDb = await openDatabase(url)
  return {
    db,
    otherDb,
    async cleanup() {
      await otherDb.close()
      await cleanup()
    },
  }
}

export async function openSharedPostgres(): Promise<SharedDatabase> {
  const { url, drop } = await createPostgresDatabase()
  const [db, otherDb] = await Promise.all([openDatabase(url), openDatabase(url)])
  await migrate(db)
  return {
    db,
    otherDb,
    async cleanup() {
      await Promise.all([db.close(), otherDb.close()])
      await drop()
    },
  }
}
