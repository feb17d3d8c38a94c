import type { Sequelize } from 'sequelize'

import { ConfigError } from '../host/config-error.ts'

/** All that is read of FlowFuse's tables. What is not listed here needs no right. */
const NEEDED_COLUMNS = {
  Users: ['id', 'username', 'name', 'email', 'avatar', 'admin', 'suspended', 'sso_enabled', 'createdAt'],
  TeamMembers: ['role', 'UserId', 'TeamId'],
  Teams: ['id', 'name', 'slug', 'createdAt'],
  Applications: ['id', 'name', 'TeamId', 'createdAt'],
  Projects: ['id', 'name', 'url', 'ApplicationId', 'TeamId', 'createdAt'],
  AuditLogs: ['id', 'event', 'body', 'UserId', 'createdAt'],
  Sessions: ['UserId', 'mfa_verified', 'createdAt'],
} as const

/** What newer versions of FlowFuse have besides, and how it is read where it is missing. */
const OPTIONAL_COLUMNS = {
  permissions: { table: 'TeamMembers', column: 'permissions', otherwise: 'NULL' },
  teamSuspended: { table: 'Teams', column: 'suspended', otherwise: '0' },
} as const

export type OptionalColumn = keyof typeof OPTIONAL_COLUMNS

/** SQL for each optional column, given how the statement calls its table. */
export type OptionalColumns = Record<OptionalColumn, (alias: string) => string>

/** FlowFuse may be upgraded while we run. */
const LOOK_AGAIN_MS = 10_000

export type ColumnState = 'there' | 'missing' | 'denied'

/**
 * Whether a column can be read. It is named with its table, because SQLite takes a quoted name that it does not know
 * for a text.
 */
export async function stateOfColumn(db: Sequelize, table: string, column: string): Promise<ColumnState> {
  try {
    await db.query(`SELECT t."${column}" FROM "${table}" t WHERE 1 = 0`)
    return 'there'
  } catch (error) {
    if (MISSING.test(messageOf(error))) return 'missing'
    if (DENIED.test(messageOf(error))) return 'denied'
    throw error
  }
}

const MISSING = /no such (?:table|column)|does not exist/
const DENIED = /permission denied/
const messageOf = (error: unknown) => (error instanceof Error ? error.message : '')

export interface ColumnProblem {
  table: string
  column: string
  state: 'missing' | 'denied'
}

/** What is needed and cannot be read; an optional column too, when it is there and may not be looked at. */
export async function findColumnProblems(db: Sequelize): Promise<ColumnProblem[]> {
  const problems: ColumnProblem[] = []
  for (const [table, columns] of Object.entries(NEEDED_COLUMNS)) {
    for (const column of columns) {
      const state = await stateOfColumn(db, table, column)
      if (state !== 'there') problems.push({ table, column, state })
    }
  }
  for (const { table, column } of Object.values(OPTIONAL_COLUMNS)) {
    const state = await stateOfColumn(db, table, column)
    if (state === 'denied') problems.push({ table, column, state })
  }
  return problems
}

/** @throws {ConfigError} naming every column that is missing or may not be read */
export async function requireColumns(db: Sequelize): Promise<void> {
  const problems = await findColumnProblems(db)
  if (problems.length === 0) return

  const named = problems.map(({ table, column, state }) => `"${table}"."${column}" (${state})`)
  throw new ConfigError(`FLOWFUSE_DATABASE cannot be used: ${named.join(', ')}. See docs/admin/flowfuse.md.`)
}

/**
 * Which of the optional columns are there, looked at anew every few seconds: a FlowFuse that was upgraded meanwhile has
 * overrides that count.
 * @param now epoch ms
 */
export function createOptionalColumns(db: Sequelize, now: () => number = Date.now): () => Promise<OptionalColumns> {
  let lookedAt = -Infinity
  let known: Promise<OptionalColumns> | null = null

  return () => {
    if (known === null || now() - lookedAt >= LOOK_AGAIN_MS) {
      lookedAt = now()
      const looking = look(db)
      known = looking
      looking.catch(() => {
        if (known === looking) known = null
      })
    }
    return known
  }
}

/** A column that may not be read is an error of its statement, never a column that is not there. */
async function look(db: Sequelize): Promise<OptionalColumns> {
  const sqlFor = async (name: OptionalColumn) => {
    const { table, column, otherwise } = OPTIONAL_COLUMNS[name]
    const missing = (await stateOfColumn(db, table, column)) === 'missing'
    return (alias: string) => (missing ? otherwise : `${alias}."${column}"`)
  }
  return { permissions: await sqlFor('permissions'), teamSuspended: await sqlFor('teamSuspended') }
}
