import type { Sequelize } from 'sequelize'

import { openDatabase } from '../../../forge/host/database.ts'
import { createTestDatabase, type Dialect } from '../../support/database.ts'

/** A migrated database on which two forges work, each with connections of its own. */
export interface SharedDatabase {
  db: Sequelize
  otherDb: Sequelize
  cleanup(): Promise<void>
}

async function openShared(dialect: Dialect): Promise<SharedDatabase> {
  const { db, url, cleanup } = await createTestDatabase(dialect)
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

export const openSharedSqlite = () => openShared('sqlite')
export const openSharedPostgres = () => openShared('postgres')
