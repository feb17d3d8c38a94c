import { QueryTypes } from 'sequelize'
import { describe, expect, it } from 'vitest'

import { migrate, openDatabase } from '../../../forge/host/database.ts'
import { migrations } from '../../../migrations/index.ts'
import { createPostgresDatabase, hasPostgres } from '../../support/postgres.ts'
import { raceCases } from './races.cases.ts'

describe.runIf(hasPostgres)('a forge on PostgreSQL', () => {
  raceCases('postgres')

  it('migrates once when several start at the same time', async () => {
    const { url, drop } = await createPostgresDatabase()
    const forges = await Promise.all([openDatabase(url), openDatabase(url), openDatabase(url)])

    await Promise.all(forges.map((db) => migrate(db)))

    const [db] = forges
    const names = await db.query<{ name: string }>('SELECT name FROM migrations', { type: QueryTypes.SELECT })
    expect(names).toHaveLength(migrations.length)
    for (const each of forges) await each.close()
    await drop()
  })
})
