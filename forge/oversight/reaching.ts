import type { Sequelize } from 'sequelize'

import { COUNTED_TOKENS } from '../contract/counted.ts'
import type { TeamTokenQuery } from '../contract/oversight.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import type { TokenState } from '../contract/token.ts'
import { readCursor, writeCursor } from '../sql/cursor.ts'
import { selectRows, type RawTime } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'
import { GRANT_TYPES, keyOfGrant } from '../tokens/widest-grant.ts'
import type { Scope } from './scope.ts'

export type TokenFilter = Pick<TeamTokenQuery, 'holder' | 'role' | 'query'> & {
  states?: readonly TokenState[] | undefined
  unusedSince?: Date | undefined
}

/** What a page is asked for. `now` is the moment that states are about. */
export type PageOfIds = TokenFilter & {
  cursor?: string | undefined
  limit: number
  now: Date
  /** Where it is known already. */
  how?: Way
}

export interface TokenIdPage {
  ids: string[]
  /** Where the next page begins; null on the last one. */
  nextCursor: string | null
  /** How many were found on the way, at most one more than `COUNTED_TOKENS`: all there are where `findsAll`. */
  found: number
}

/** How many tokens reach the scope and match, on all pages; one more than `COUNTED_TOKENS` for whatever is more. */
export async function countReaching(db: Sequelize, scope: Scope, { now, how, ...filter }: PageOfIds): Promise<number> {
  const bind: unknown[] = []
  const wanted = matching(db, filter, { bind, now, how })
  const fromTokens = () =>
    waysInto(db, scope, bind)
      .map((way) => `SELECT 1 FROM pat_tokens t WHERE ${[way, ...wanted].join(' AND ')}`)
      .join(' UNION ALL ')
  // How many reach an instance the grants alone tell, read off an index: of no kind more than are counted.
  const isOfGrants = scope.type === 'instance' && wanted.length === 0
  const enough = `LIMIT ${COUNTED_TOKENS + 1}`
  const tokens = isOfGrants ? grantsInto(scope, bind, enough) : fromTokens()
  const sql = `SELECT count(*) AS count FROM (${tokens} ${enough}) AS counted`
  const [row] = await selectRows<{ count: number | string }>(db, sql, bind)
  return Number(row?.count ?? 0)
}

/**
 * The ids of the tokens that reach the scope and match, newest first. The cursor is the place where the page before
 * ended, so that nothing is shown twice or left out when tokens come and go meanwhile.
 * @throws {ForgeError} invalid_request for a cursor that no list gave out
 */
export async function pageReaching(db: Sequelize, scope: Scope, page: PageOfIds): Promise<TokenIdPage> {
  const { limit, how = await wayOf(db, scope, page) } = page
  const { sql, bind } = pageStatement(db, scope, page, how)
  const rows = await selectRows<PlaceRow>(db, sql, bind)

  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  const nextCursor = last ? writeCursor(last) : null
  const found = Math.min(Number(rows[0]?.found ?? rows.length), COUNTED_TOKENS + 1)
  return { ids: shown.map(({ id }) => id), nextCursor, found }
}

/** Whether all that match are found on the way to the page, so that they need not be counted. */
export const findsAll = ({ cursor, how }: PageOfIds) => how === 'gather' && cursor === undefined

interface PlaceRow {
  id: string
  createdAt: RawTime
  /** How many were gathered, from the cursor on. */
  found?: number | string
}

/** So many tokens are read to see whether a page lies near. */
const NEAR = 2_000

/** Walks where the newest tokens of the scope, from the cursor on, hold a whole page. Either way gives the same page. */
export async function wayOf(db: Sequelize, scope: Scope, page: PageOfIds): Promise<Way> {
  const { cursor, limit, now, ...filter } = page
  const bind: unknown[] = []
  const after = behind(cursor, bind)
  const wanted = ['true', ...matching(db, filter, { bind, now, how: 'walk' })].join(' AND ')

  const near = rangesOf(scope, bind).map((range) => {
    const where = [range, ...after].join(' AND ')
    const newest = `SELECT t.* FROM pat_tokens t WHERE ${where} ORDER BY t.created_at DESC, t.id DESC LIMIT ${NEAR}`
    return `SELECT 1 FROM (${newest}) AS t WHERE ${wanted}`
  })
  const sql = `SELECT count(*) AS count FROM (${near.join(' UNION ALL ')} LIMIT ${limit + 1}) AS near`
  const [row] = await selectRows<{ count: number | string }>(db, sql, bind)
  return Number(row?.count) > limit ? 'walk' : 'gather'
}

/** How a page is found, see `pageStatement`. */
export type Way = 'walk' | 'gather'

/**
 * The statement of a page, apart so that a test can ask the database how it would go about it. To walk is to read each
 * way into the scope off an index, as far as the page goes, and to merge what they give: quick where many match. To gather
 * is to find all that match first, wherever the database finds them best: quick where few do, which to a walk is the whole
 * team.
 */
export function pageStatement(
  db: Sequelize,
  scope: Scope,
  { cursor, limit, now, ...filter }: PageOfIds,
  how: Way,
): Statement {
  const bind: unknown[] = []
  const first = `ORDER BY "createdAt" DESC, id DESC LIMIT ${placesIn(bind)(limit + 1)}`
  const wanted = [...behind(cursor, bind), ...matching(db, filter, { bind, now, how })]
  const select = (way: string) =>
    `SELECT t.id, t.created_at AS "createdAt" FROM pat_tokens t WHERE ${[way, ...wanted].join(' AND ')}`

  // Found as a whole, whatever the planner would hope of a limit.
  const found = (ways: string[]) => `WITH found AS MATERIALIZED (${ways.map(select).join(' UNION ALL ')})`
  if (how === 'gather') {
    const sql = `${found(waysInto(db, scope, bind))} SELECT id, "createdAt", (SELECT count(*) FROM found) AS found FROM found ${first}`
    return { sql, bind }
  }
  const firstOfEach = rangesOf(scope, bind).map((range) => `SELECT * FROM (${select(range)} ${first}) AS part`)
  const rest = found([besides(db, scope, bind)])
  return { sql: `${rest} ${[...firstOfEach, 'SELECT * FROM found'].join(' UNION ALL ')} ${first}`, bind }
}

const behind = (cursor: string | undefined, bind: unknown[]): string[] =>
  cursor === undefined ? [] : [`(t.created_at, t.id) < (${placeAt(cursor).map(placesIn(bind)).join()})`]

export interface Statement {
  sql: string
  bind: unknown[]
}

/** Adds a value to the bound ones and answers its name in the statement. */
const placesIn = (bind: unknown[]) => (value: unknown) => `$${bind.push(value)}`

/** How tokens come to reach a scope, as conditions; no token comes in two ways. */
const waysInto = (db: Sequelize, scope: Scope, bind: unknown[]): string[] => [
  scope.type === 'team' ? ofTeam(scope, bind) : `t.widest_grant IN (${placesOfGrants(scope, bind)})`,
  besides(db, scope, bind),
]

/** What is read off an index in the order of the list, which nearly all that reaches the scope is. */
function rangesOf(scope: Scope, bind: unknown[]): string[] {
  if (scope.type === 'team') return [ofTeam(scope, bind)]
  return keysOfGrants(scope).map((key) => `t.widest_grant = ${placesIn(bind)(key)}`)
}

const ofTeam = ({ team }: Scope, bind: unknown[]) => `t.team_id = ${placesIn(bind)(team.id)}`

/** Those that no range tells, and only their grants do. They are few, and looked up one by one. */
function besides(db: Sequelize, scope: Scope, bind: unknown[]): string {
  const [isElsewhere, which] =
    scope.type === 'team'
      ? ['t.team_id IS NULL', 'AND NOT g.in_one_team']
      : [`(t.widest_grant IS NULL OR t.widest_grant NOT IN (${placesOfGrants(scope, bind)}))`, 'AND NOT g.widest']
  const grants = grantsInto(scope, bind, which)
  // Of an array PostgreSQL does not guess that it is long, and reads no table for it.
  const isAmong = db.getDialect() === 'sqlite' ? `IN (${grants})` : `= ANY (ARRAY(${grants}))`
  return `${isElsewhere} AND t.id ${isAmong}`
}

const placesOfGrants = (scope: Scope, bind: unknown[]) => keysOfGrants(scope).map(placesIn(bind)).join()

/** The grants that reach the scope, as tokens note them. */
const keysOfGrants = ({ targets }: Scope): string[] =>
  GRANT_TYPES.flatMap((type) => targets[type].map((id) => keyOfGrant({ type, id })))

/**
 * The tokens that grants lead from, one look into an index for each kind of target, and none at other tokens. Each once
 * where there is one target of a kind, as for an instance; only there may a kind be limited.
 * @param more SQL: of which grants of a kind, or of how many
 */
function grantsInto(scope: Scope, bind: unknown[], more: string): string {
  return leadingInto(scope, bind)
    .map((leading) => `SELECT g.token_id FROM pat_token_grants g WHERE ${leading} ${more}`)
    .map((ofKind) => `SELECT token_id FROM (${ofKind}) AS kind`) // a part of a UNION has no limit of its own
    .join(' UNION ')
}

/** Which grants lead into the scope: a condition for each kind of target. */
function leadingInto({ targets }: Scope, bind: unknown[]): string[] {
  return GRANT_TYPES.filter((type) => targets[type].length > 0).map(
    (type) => `g.type = '${type}' AND g.target_id IN (${targets[type].map(placesIn(bind)).join()})`,
  )
}

/** Everything in the text is written by us; what a caller sends is bound. */
function matching(
  db: Sequelize,
  { states, holder, role, unusedSince, query }: TokenFilter,
  { bind, now, how }: { bind: unknown[]; now: Date; how: Way | undefined },
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
    conditions.push(...holding(db, query.toLowerCase(), how, place))
  }
  return conditions
}

/**
 * Looks in name and selector at once, which is quicker; a line break, which no query holds, keeps them apart. Of this very
 * text PostgreSQL has an index of its pieces of one or two letters, and may have one of three.
 */
function holding(db: Sequelize, piece: string, how: Way | undefined, place: (value: unknown) => string): string[] {
  const [text, sqlite] = ["lower(t.name || '\n' || t.selector)", db.getDialect() === 'sqlite']
  const pattern = `%${piece.replace(/[\\%_]/g, '\\$&')}%`
  const isThere = `${text} LIKE ${place(pattern)}${sqlite ? " ESCAPE '\\'" : ''}`
  if (sqlite || how !== 'gather' || [...piece].length > 2) return [isThere]
  return [isThere, `pat_short_pieces(${text}) @> ARRAY[${place(piece)}]`]
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

/** @throws {ForgeError} invalid_request */
function placeAt(cursor: string): [string, string] {
  const { createdAt, id } = readCursor(cursor)
  return [sqlTime(createdAt), id]
}
