import { placesFor, selectRows } from '../sql/rows.ts'
import type { CallStore } from './store.ts'

/** Whose token made a call, with the names of now. */
export interface CallOrigin {
  tokenName: string
  userId: string
  username: string
}

interface Trace {
  tokenId: string
  tokenName: string
  userId: string
  username: string | null
}

/**
 * The token and the person behind each id. Of who or what is deleted, the audit still tells; what it does not know
 * either is absent.
 */
export async function findOrigins(store: CallStore, tokenIds: readonly string[]): Promise<Map<string, CallOrigin>> {
  if (tokenIds.length === 0) return new Map()

  const tokens = await liveTokens(store, tokenIds)
  const people = await store.directory.people([...new Set(tokens.map(({ userId }) => userId))])
  const usernames = new Map(people.map(({ id, username }) => [id, username]))

  const known = tokens.map((token) => ({ ...token, username: usernames.get(token.userId) ?? null }))
  const complete = new Set(known.filter(({ username }) => username !== null).map(({ tokenId }) => tokenId))
  const traces = await tracesOf(
    store,
    tokenIds.filter((id) => !complete.has(id)),
  )

  const origins = new Map(traces.map((trace) => [trace.tokenId, trace]))
  for (const token of known) {
    origins.set(token.tokenId, { ...token, username: token.username ?? origins.get(token.tokenId)?.username ?? null })
  }
  return new Map(
    [...origins].map(([id, { tokenName, userId, username }]) => [
      id,
      { tokenName, userId, username: username ?? userId },
    ]),
  )
}

function liveTokens({ db }: CallStore, ids: readonly string[]): Promise<Omit<Trace, 'username'>[]> {
  const sql = `
    SELECT id AS "tokenId", name AS "tokenName", user_id AS "userId" FROM pat_tokens WHERE id IN (${placesFor(ids)})`
  return selectRows(db, sql, [...ids])
}

async function tracesOf({ db }: CallStore, ids: readonly string[]): Promise<Trace[]> {
  if (ids.length === 0) return []

  const sql = `
    SELECT DISTINCT token_id AS "tokenId", token_name AS "tokenName", owner_id AS "userId", owner_name AS "username"
      FROM pat_audit_entries WHERE token_id IN (${placesFor(ids)}) AND owner_id IS NOT NULL`
  return selectRows(db, sql, [...ids])
}
