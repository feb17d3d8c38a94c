import type { Sequelize } from 'sequelize'

import { COUNTED_TOKENS } from '../contract/counted.ts'
import { GRANT_TYPES, type GrantType } from '../contract/grant.ts'
import { readCursor, writeCursor } from '../sql/cursor.ts'
import { selectRows, type RawTime } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'
import { keyOfGrant } from '../tokens/widest-grant.ts'
import type { Scope } from './scope.ts'
import { matching, placesIn, type TokenFilter } from './token-filter.ts'

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
export async function countReaching(db: Sequelize, scope: Scope, page: PageOfIds): Promise<number> {
  const { now, how, ...filter } = page
  const bind: unknown[] = []
  const enough = `LIMIT ${COUNTED_TOKENS + 1}`
  const fromTokens = () => {
    const { inRange, besides } = waysInto(db, scope, bind)
    const select = (way: string, gathers = false) =>
      `SELECT 1 FROM pat_tokens t WHERE ${[way, ...matching(db, filter, { bind, now, gathers })].join(' AND ')}`
    return `${select(inRange, how === 'gather')} UNION ALL ${select(besides())}`
  }
  // How many reach an instance the grants alone tell, read off an index: of no kind more than are counted.
  const isOfGrants = scope.type === 'instance' && matching(db, filter, { bind: [], now }).length === 0
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

/** So many tokens of a range are read to see whether a page lies near. */
const NEAR = 2_000

/**
 * Walks where the newest tokens of each range, from the cursor on, hold a whole page or are all there are. Either way gives
 * the same page.
 */
export async function wayOf(db: Sequelize, scope: Scope, page: PageOfIds): Promise<Way> {
  const { cursor, limit, now, ...filter } = page
  const bind: unknown[] = []
  const after = behind(cursor, bind)
  const wanted = ['true', ...matching(db, filter, { bind, now })].join(' AND ')

  const looks = waysInto(db, scope, bind).ranges.map((range) => {
    const inOrder = `WHERE ${[range, ...after].join(' AND ')} ORDER BY t.created_at DESC, t.id DESC`
    const newest = `SELECT t.* FROM pat_tokens t ${inOrder} LIMIT ${NEAR}`
    const near = `SELECT 1 FROM (${newest}) AS t WHERE ${wanted} LIMIT ${limit + 1}`
    const further = `SELECT t.id FROM pat_tokens t ${inOrder} LIMIT 1 OFFSET ${NEAR}`
    return `SELECT (SELECT count(*) FROM (${near}) AS near) AS near, (SELECT count(*) FROM (${further}) AS further) AS further`
  })
  const rows = await selectRows<LookRow>(db, looks.join(' UNION ALL '), bind)
  const isFull = rows.reduce((sum, { near }) => sum + Number(near), 0) > limit
  const isShort = rows.every(({ near, further }) => Number(near) > limit || Number(further) === 0)
  return isFull && isShort ? 'walk' : 'gather'
}

interface LookRow {
  /** How many match among the newest, at most one more than a page has. */
  near: number | string
  /** Whether there are others than the newest. */
  further: number | string
}

/** How a page is found, see `pageStatement`. */
export type Way = 'walk' | 'gather'

/**
 * The statement of a page, apart so that a test can ask the database how it would go about it. To walk is to read each
 * range off its index, as far as the page goes, and to merge what they give: quick where many match. To gather is to find
 * all that match first, wherever the database finds them best: quick where few do, which to a walk is the whole team.
 */
export function pageStatement(
  db: Sequelize,
  scope: Scope,
  { cursor, limit, now, ...filter }: PageOfIds,
  how: Way,
): Statement {
  const bind: unknown[] = []
  const { ranges, inRange, besides } = waysInto(db, scope, bind)
  const first = `ORDER BY "createdAt" DESC, id DESC LIMIT ${placesIn(bind)(limit + 1)}`
  const select = (way: string, gathers = false) => {
    const where = [way, ...behind(cursor, bind), ...matching(db, filter, { bind, now, gathers })].join(' AND ')
    return `SELECT t.id, t.created_at AS "createdAt" FROM pat_tokens t WHERE ${where}`
  }

  if (how === 'gather') {
    const all = `WITH gathered AS MATERIALIZED (${select(inRange, true)} UNION ALL ${select(besides())})`
    const found = '(SELECT count(*) FROM gathered) AS found'
    return { sql: `${all} SELECT id, "createdAt", ${found} FROM gathered ${first}`, bind }
  }
  // The others as a whole, whatever PostgreSQL would hope of a limit.
  const others = `WITH others AS MATERIALIZED (${select(besides())})`
  const firstOfEach = ranges.map((range) => `SELECT * FROM (${select(range)} ${first}) AS part`)
  return { sql: `${others} ${[...firstOfEach, 'SELECT * FROM others'].join(' UNION ALL ')} ${first}`, bind }
}

const behind = (cursor: string | undefined, bind: unknown[]): string[] =>
  cursor === undefined ? [] : [`(t.created_at, t.id) < (${placeAt(cursor).map(placesIn(bind)).join()})`]

export interface Statement {
  sql: string
  bind: unknown[]
}

/** How tokens come to reach a scope, as conditions; no token comes in two ways. */
interface Ways {
  /** What an index has in the order of the list, which usually is nearly all. */
  ranges: string[]
  /** The same in one condition. */
  inRange: string
  /** What only grants tell. A function, since a value that the statement does not name is an error to both databases. */
  besides(): string
}

function waysInto(db: Sequelize, scope: Scope, bind: unknown[]): Ways {
  const place = placesIn(bind)
  if (scope.type === 'team') {
    const ofTeam = `t.team_id = ${place(scope.team.id)}`
    const ofSeveral = () => `t.team_id IS NULL AND t.id IN (${grantsInto(scope, bind, 'AND NOT g.in_one_team')})`
    return { ranges: [ofTeam], inRange: ofTeam, besides: ofSeveral }
  }
  const keys = keysInto(scope).map(place)
  return {
    ranges: keys.map((key) => `t.widest_grant = ${key}`),
    inRange: `t.widest_grant IN (${keys.join()})`,
    besides() {
      const grants = grantsInto(scope, bind, 'AND NOT g.widest')
      // PostgreSQL expects an array to be short, and looks its items up instead of reading the table.
      const isAmong = db.getDialect() === 'sqlite' ? `IN (${grants})` : `= ANY (ARRAY(${grants}))`
      return `(t.widest_grant IS NULL OR t.widest_grant NOT IN (${keys.join()})) AND t.id ${isAmong}`
    },
  }
}

/** The grants that lead into the scope, as tokens note them. */
const keysInto = ({ targets }: Scope): string[] =>
  GRANT_TYPES.flatMap((type) => targets[type].map((id) => keyOfGrant({ type, id })))

/**
 * The tokens that grants lead from, one look into an index for each kind of target, and none at other tokens. Each once
 * where there is one target of a kind, as for an instance; only there may a kind be limited.
 * @param more SQL: of which grants of a kind, or of how many
 */
function grantsInto({ targets }: Scope, bind: unknown[], more: string): string {
  const ofKind = (type: GrantType) => {
    const here = targets[type].map(placesIn(bind)).join()
    const grants = `SELECT g.token_id FROM pat_token_grants g WHERE g.type = '${type}' AND g.target_id IN (${here}) ${more}`
    return `SELECT token_id FROM (${grants}) AS kind` // a part of a UNION has no limit of its own
  }
  return GRANT_TYPES.filter((type) => targets[type].length > 0)
    .map(ofKind)
    .join(' UNION ')
}

/** @throws {ForgeError} invalid_request */
function placeAt(cursor: string): [string, string] {
  const { createdAt, id } = readCursor(cursor)
  return [sqlTime(createdAt), id]
}
