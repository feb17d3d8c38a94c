import { Type, type Static } from '@sinclair/typebox'
import type { Sequelize } from 'sequelize'

import { IdSchema, PageQuerySchema, type PageQuery } from '../contract/common.ts'
import { unknownCursor } from '../sql/cursor.ts'
import { selectRows } from '../sql/rows.ts'

/** Query of a list that one team, or all, may be asked for. */
export const TeamPageQuerySchema = Type.Composite([PageQuerySchema, Type.Object({ teamId: Type.Optional(IdSchema) })], {
  additionalProperties: false,
})
export type TeamPageQuery = Static<typeof TeamPageQuerySchema>

/** A list as SQL. Everything in it is written by us; what a caller sends comes through `bind`. */
export interface Listing {
  select: string
  from: string
  where: string
  /** Values of `$1`, `$2`, … in `where` and `select`. */
  bind: unknown[]
  /** The text that orders the list, and the id that makes the order total. */
  sortBy: string
  id: string
  /** What `query` looks into. */
  search: string[]
}

export interface Page<Row> {
  rows: Row[]
  /** How many there are in all that match. */
  count: number
  meta: { next_cursor?: string }
}

const DEFAULT_LIMIT = 100

/**
 * One page of a list, in the list's order. The cursor is the place where the page before ended rather than a number of
 * rows, so that nothing is shown twice or left out when the list changes in between.
 * @throws {ForgeError} invalid_request for a cursor that no list gave out
 */
export async function selectPage<Row extends object>(
  db: Sequelize,
  listing: Listing,
  { cursor, query, limit = DEFAULT_LIMIT }: PageQuery,
): Promise<Page<Row>> {
  const bind = [...listing.bind]
  const place = (value: unknown) => `$${bind.push(value)}`

  const matching = query ? `${listing.where} AND ${contains(listing.search, place(likePattern(query)))}` : listing.where
  const countSql = `SELECT count(*) AS count FROM ${listing.from} WHERE ${matching}`
  const countBind = [...bind]

  const order = `${listing.sortBy}, ${listing.id}`
  const after = cursor === undefined ? '' : ` AND (${order}) > (${readCursor(cursor).map(place).join()})`
  const pageSql =
    `SELECT ${listing.select}, ${listing.sortBy} AS "cursorSort", ${listing.id} AS "cursorId" ` +
    `FROM ${listing.from} WHERE ${matching}${after} ORDER BY ${order} LIMIT ${place(limit + 1)}`

  const [[total], rows] = await Promise.all([
    selectRows<{ count: number | string }>(db, countSql, countBind),
    selectRows<Row & CursorColumns>(db, pageSql, bind),
  ])
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { rows: shown, count: Number(total?.count), meta: last ? { next_cursor: writeCursor(last) } : {} }
}

interface CursorColumns {
  cursorSort: string
  cursorId: string
}

function contains(columns: string[], pattern: string): string {
  return `(${columns.map((column) => `lower(${column}) LIKE ${pattern} ESCAPE '!'`).join(' OR ')})`
}

/** `LIKE` without its wildcards' meaning. */
function likePattern(text: string): string {
  return `%${text.toLowerCase().replace(/[!%_]/g, '!$&')}%`
}

function writeCursor({ cursorSort, cursorId }: CursorColumns): string {
  return Buffer.from(JSON.stringify([cursorSort, cursorId])).toString('base64url')
}

function readCursor(cursor: string): string[] {
  const place = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'))
  const valid = Array.isArray(place) && place.length === 2 && place.every(isPlainText)
  if (!valid) throw unknownCursor()
  return place
}

/** PostgreSQL refuses text with a NUL in it. */
function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
