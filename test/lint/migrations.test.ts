import type { QueryInterface } from 'sequelize'
import { describe, expect, it } from 'vitest'

import { migrations } from '../../migrations/index.ts'
import type { Migration } from '../../migrations/migration.ts'

/** Before the first version that anybody ran beside a later one. */
const BEFORE_ANY_RELEASE = ['module/20261123-03-replace-audit-entries']

/** A step that takes away what no version reads any more that may still run. */
const isContraction = (name: string) => /^\w+\/\d{8}-\d{2}-contract-/.test(name)

/** What a migration tells the database to do, without a database. */
async function statementsOf({ name, up }: Pick<Migration, 'name' | 'up'>, dialect: string): Promise<string[]> {
  const statements: string[] = []
  const query = (sql: string) => Promise.resolve(void statements.push(sql.replace(/\s+/g, ' ').trim()))
  const context = { sequelize: { getDialect: () => dialect, query } } as unknown as QueryInterface
  await up({ name, context })
  return statements
}

/** What of these a version of before, which still runs, would stumble over. */
function breaks(statements: readonly string[]): string[] {
  const created = new Set(statements.map((sql) => /^CREATE TABLE (\w+)/.exec(sql)?.[1]))
  const added = statements.flatMap((sql) => /^ALTER TABLE \w+ ADD COLUMN (\w+)/.exec(sql)?.[1] ?? [])

  return statements.filter((sql) => {
    const table = /^(?:ALTER TABLE|CREATE UNIQUE INDEX \w+ ON) (\w+)/.exec(sql)?.[1]
    if (table && created.has(table)) return false
    if (/^DROP (?:TABLE|INDEX|VIEW|FUNCTION)/.test(sql)) return true
    if (/^ALTER TABLE \w+ (?:DROP|RENAME|ALTER|ADD CONSTRAINT)/.test(sql)) return true
    if (/^ALTER TABLE \w+ ADD COLUMN .*NOT NULL(?!.*DEFAULT)/.test(sql)) return true
    // Of columns that no version before knows it cannot break a word.
    return /^CREATE UNIQUE INDEX/.test(sql) && !added.some((column) => new RegExp(`\\b${column}\\b`).test(sql))
  })
}

describe.each(['sqlite', 'postgres'])('a migration on %s', (dialect) => {
  const expanding = migrations.filter(({ name }) => !isContraction(name) && !BEFORE_ANY_RELEASE.includes(name))

  it.each(expanding)('leaves a version of before at work: $name', async (migration) => {
    expect(breaks(await statementsOf(migration, dialect))).toEqual([])
  })
})

describe('what would break a version of before', () => {
  it.each([
    'DROP TABLE users',
    'DROP INDEX users_email',
    'ALTER TABLE users DROP COLUMN name',
    'ALTER TABLE users RENAME COLUMN name TO full_name',
    'ALTER TABLE users RENAME TO people',
    'ALTER TABLE users ALTER COLUMN name SET NOT NULL',
    'ALTER TABLE users ADD CONSTRAINT users_name CHECK (length(name) > 1)',
    'ALTER TABLE users ADD COLUMN shoe_size INTEGER NOT NULL',
    'CREATE UNIQUE INDEX users_by_name ON users (name)',
  ])('is found: %s', (sql) => {
    expect(breaks([sql])).toEqual([sql])
  })

  it('is nothing of what only adds', () => {
    const statements = [
      'ALTER TABLE users ADD COLUMN shoe_size INTEGER',
      'ALTER TABLE users ADD COLUMN glasses BOOLEAN NOT NULL DEFAULT false',
      'UPDATE users SET shoe_size = 42',
      'CREATE UNIQUE INDEX users_by_size ON users (shoe_size)',
      'CREATE TABLE hats (id INTEGER NOT NULL)',
      'ALTER TABLE hats ADD CONSTRAINT hats_id CHECK (id > 0)',
      'CREATE UNIQUE INDEX hats_by_id ON hats (id)',
    ]
    expect(breaks(statements)).toEqual([])
  })

  it('is allowed in a step that is named so', () => {
    expect(isContraction('module/20270101-01-contract-old-columns')).toBe(true)
    expect(isContraction('module/20270101-01-drop-old-columns')).toBe(false)
  })
})
