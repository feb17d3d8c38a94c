import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { migrate, migrateDown, openDatabase } from '../../forge/host/database.ts'
import { migrations } from '../../migrations/index.ts'
import { createPostgresDatabase, hasPostgres } from '../support/postgres.ts'

/** Up, down and up again; answers the tables after each. */
async function upDownUp(url: string): Promise<string[][]> {
  const db = await openDatabase(url)
  const tables = async () => (await db.getQueryInterface().showAllTables()).map(String).sort()
  try {
    await migrate(db)
    const first = await tables()
    await migrateDown(db)
    const down = await tables()
    await migrate(db)
    return [first, down, await tables()]
  } finally {
    await db.close()
  }
}

function expectClean([first, down, second]: string[][]): void {
  expect(first).toContain('pat_tokens')
  expect(down).toEqual(['migrations'])
  expect(second).toEqual(first)
}

describe('migrations', () => {
  it('carry distinct names', () => {
    const names = migrations.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('go up, down and up again on SQLite', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forge-migrations-'))
    try {
      expectClean(await upDownUp(`sqlite:${join(folder, 'forge.db')}`))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it.runIf(hasPostgres)('go up, down and up again on PostgreSQL', async () => {
    const database = await createPostgresDatabase()
    try {
      expectClean(await upDownUp(database.url))
    } finally {
      await database.drop()
    }
  })
})
