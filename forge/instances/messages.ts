import type { Sequelize } from 'sequelize'

import type { Change, ChangeKind } from '../changes/change.ts'
import type { Grant } from '../contract/grant.ts'
import { placesFor, selectRows, type RawBoolean } from '../sql/rows.ts'
import type { Message } from './push.ts'

/** When so many tokens and people change at once, it is cheaper to let everybody forget everything. */
const MANY = 500

export const FORGET_ALL: Message = { event: { event: 'forget', data: {} }, to: 'everybody' }

/** What is to be said to which instances about changes. */
export async function messagesFor(db: Sequelize, changes: readonly Change[]): Promise<Message[]> {
  const idsOf = (kind: ChangeKind) => [...new Set(changes.filter((each) => each.kind === kind).map(({ id }) => id))]
  const [tokens, users] = [idsOf('token'), idsOf('user')]
  if (idsOf('all').length > 0 || tokens.length + users.length > MANY) return [FORGET_ALL]

  const forgetAt = (type: Grant['type'], id: string): Message => ({ event: FORGET_ALL.event, to: [{ type, id }] })
  return [
    ...forgetTokens(await findReach(db, tokens, users), await findCuts(db, tokens), changes),
    ...idsOf('team').map((id) => forgetAt('team', id)),
    ...idsOf('instance').map((id) => forgetAt('instance', id)),
    ...idsOf('rules').map((id): Message => ({ event: { event: 'rules', data: {} }, to: [{ type: 'instance', id }] })),
  ]
}

interface Reach extends Grant {
  tokenId: string
  revoked: RawBoolean
}

/**
 * Where tokens reach: the given ones, those of the given people that are not revoked, and whatever was exchanged for any
 * of these.
 */
async function findReach(db: Sequelize, tokens: readonly string[], users: readonly string[]): Promise<Reach[]> {
  if (tokens.length + users.length === 0) return []

  const among = (from: number, ids: readonly string[]) => ids.map((_, index) => `$${from + index}`).join() || 'NULL'
  return selectRows<Reach>(
    db,
    `WITH RECURSIVE concerned (id) AS (
       SELECT id FROM pat_tokens WHERE id IN (${among(1, tokens)})
       UNION SELECT id FROM pat_tokens WHERE user_id IN (${among(1 + tokens.length, users)}) AND revoked_at IS NULL
       UNION SELECT t.id FROM concerned JOIN pat_tokens t ON t.parent_id = concerned.id
     )
     SELECT g.token_id AS "tokenId", g.type, g.target_id AS id, t.revoked_at IS NOT NULL AS revoked
     FROM concerned JOIN pat_token_grants g ON g.token_id = concerned.id JOIN pat_tokens t ON t.id = concerned.id`,
    [...tokens, ...users],
  )
}

/** Where owners of teams have ended tokens. */
async function findCuts(db: Sequelize, tokens: readonly string[]): Promise<Map<string, Grant[]>> {
  const cuts = new Map<string, Grant[]>()
  if (tokens.length === 0) return cuts

  const rows = await selectRows<Grant & { tokenId: string }>(
    db,
    `SELECT token_id AS "tokenId", scope_type AS type, scope_id AS id FROM pat_cuts WHERE token_id IN (${placesFor(tokens)})`,
    [...tokens],
  )
  for (const { tokenId, type, id } of rows) cuts.set(tokenId, [...(cuts.get(tokenId) ?? []), { type, id }])
  return cuts
}

/**
 * One message for each token, to where it reaches and to where it has just ceased to. Asked to confirm are those that it
 * does not reach any more: all where it is revoked, else those of the teams whose owners have ended it there.
 */
function forgetTokens(
  reach: readonly Reach[],
  cuts: ReadonlyMap<string, readonly Grant[]>,
  changes: readonly Change[],
): Message[] {
  const places = new Map<string, Grant[]>()
  const add = (tokenId: string, { type, id }: Grant) => {
    const known = places.get(tokenId)
    if (known) known.push({ type, id })
    else places.set(tokenId, [{ type, id }])
  }

  for (const { tokenId, type, id } of reach) add(tokenId, { type, id })
  for (const { kind, id, place } of changes) if (kind === 'token' && place) add(id, place)
  const revoked = new Set(reach.filter((each) => each.revoked).map(({ tokenId }) => tokenId))
  return [...places].map(([tokenId, to]) => ({
    event: { event: 'forget', data: { tokenId } },
    to,
    confirm: revoked.has(tokenId) ? 'everybody' : (cuts.get(tokenId) ?? []),
  }))
}
