import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Sequelize } from 'sequelize'

import { migrate, openDatabase } from '../../forge/host/database.ts'

export interface TestDatabase {
  db: Sequelize
  /** As `DATABASE_URL` has it: for a second connection, or a second forge. */
  url: string
  cleanup(): Promise<void>
}

/** A fresh migrated SQLite database in a folder of its own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-test-'))
  const url = `sqlite:${join(folder, 'forge.db')}`
  const db = await openDatabase(url)
  await migrate(db)

  return {
    db,
    url,
    async cleanup() {
      await db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
