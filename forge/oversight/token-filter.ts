import type { Sequelize } from 'sequelize'

import type { TeamTokenQuery } from '../contract/oversight.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import type { TokenState } from '../contract/token.ts'
import { sqlTime } from '../sql/time.ts'

export type TokenFilter = Pick<TeamTokenQuery, 'holder' | 'role' | 'query'> & {
  states?: readonly TokenState[] | undefined
  unusedSince?: Date | undefined
}

/** Adds a value to the bound ones and answers its name in the statement. */
type Place = (value: unknown) => string

export const placesIn =
  (bind: unknown[]): Place =>
  (value) =>
    `$${bind.push(value)}`

/**
 * The filter as conditions on `pat_tokens t`. Everything in their text is written by us; what a caller sends is bound.
 * @param how.gathers whether all that match are looked for, and not only the newest
 */
export function matching(
  db: Sequelize,
  { states, holder, role, unusedSince, query }: TokenFilter,
  { bind, now, gathers = false }: { bind: unknown[]; now: Date; gathers?: boolean },
): string[] {
  const place = placesIn(bind)
  const conditions: string[] = []

  if (states !== undefined) {
    // To both databases a value that the statement does not name is an error.
    const timeless = states.every((state) => state === 'revoked')
    conditions.push(`(${statesSql(states, timeless ? 'NULL' : place(sqlTime(now)))})`)
  }
  if (holder !== undefined) conditions.push(`t.user_id = ${place(holder)}`)
  if (role !== undefined) conditions.push(`t.role_level = ${place(ROLE_LEVELS[role])}`)
  if (unusedSince !== undefined) {
    conditions.push(`(t.last_used_at IS NULL OR t.last_used_at < ${place(sqlTime(unusedSince))})`)
  }
  if (query) {
    conditions.push(...holding(query.toLowerCase(), place, { sqlite: db.getDialect() === 'sqlite', gathers }))
  }
  return conditions
}

/**
 * Looks in name and selector at once, which is quicker; a line break, which no query holds, keeps them apart. Of this very
 * text PostgreSQL has an index of its pieces of one or two letters, which is quicker where few have it, and may have one of
 * its pieces of three.
 */
function holding(piece: string, place: Place, { sqlite, gathers }: { sqlite: boolean; gathers: boolean }): string[] {
  const text = "lower(t.name || '\n' || t.selector)"
  const pattern = `%${piece.replace(/[\\%_]/g, '\\$&')}%`
  const isThere = `${text} LIKE ${place(pattern)}${sqlite ? " ESCAPE '\\'" : ''}`
  const isShort = [...piece].length <= 2
  return isShort && gathers && !sqlite ? [isThere, `pat_short_pieces(${text}) @> ARRAY[${place(piece)}]`] : [isThere]
}

/** `stateOf` (forge/tokens/present.ts) in SQL; a test holds the two together. */
function statesSql(states: readonly TokenState[], now: string): string {
  const retired = `(t.retires_at IS NOT NULL AND (t.end_noted OR t.retires_at <= ${now}))`
  const expired = `(t.expires_at IS NOT NULL AND (t.end_noted OR t.expires_at <= ${now}))`
  const live = `t.revoked_at IS NULL AND NOT ${retired} AND NOT ${expired}`

  const conditionOf: Record<TokenState, string> = {
    active: `${live} AND t.replaced_by_id IS NULL`,
    retiring: `${live} AND t.replaced_by_id IS NOT NULL`,
    retired: `t.revoked_at IS NULL AND ${retired}`,
    expired: `t.revoked_at IS NULL AND NOT ${retired} AND ${expired}`,
    revoked: 't.revoked_at IS NOT NULL',
  }
  return states.map((state) => `(${conditionOf[state]})`).join(' OR ')
}
