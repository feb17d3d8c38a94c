import type { Sequelize } from 'sequelize'

import type { Revocation } from '../contract/revocation.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { placesFor, selectRows, type RawBoolean, type RawTime } from '../sql/rows.ts'
import { databaseClock, toEpochMs } from '../sql/time.ts'
import { getToken } from '../tokens/list-tokens.ts'
import { instancesOf } from '../tokens/reach.ts'
import type { TokenStore } from '../tokens/store.ts'
import { listTargets } from '../tokens/wish.ts'
import { GONE_AFTER_SECONDS } from './roster.ts'

/** A token that was ended, everywhere or for some instances. */
export interface Ended {
  tokenId: string
  endedAt: Date
  /** The instances that it reached, of those for which it was ended. */
  reached: string[]
}

/**
 * How far the revocation of one of a person's tokens has got, over all forges on the database.
 * @throws {ForgeError} not_found, also for a token that is not revoked
 */
export async function revocationOf(store: TokenStore, ownerId: string, id: string): Promise<Revocation> {
  const token = await getToken(store, ownerId, id)
  if (token.revokedAt === null) throw new ForgeError('not_found', 'This token is not revoked.')

  const reached = instancesOf(await listTargets(store, ownerId), token.grants).map((instance) => instance.id)
  return progressOf(store.db, [{ tokenId: id, endedAt: new Date(token.revokedAt), reached }])
}

/** How far it has got that tokens were ended. An instance that several of them reached stands as with the worst of them. */
export async function progressOf(db: Sequelize, ended: readonly Ended[]): Promise<Revocation> {
  const instanceIds = [...new Set(ended.flatMap(({ reached }) => reached))]
  const listeners = await listenersAt(db, instanceIds)
  const confirmed = await confirmationsOf(
    db,
    ended.map(({ tokenId }) => tokenId),
  )

  const standings = new Map<string, Standing>()
  let last: number | null = null
  for (const { tokenId, endedAt, reached } of ended) {
    for (const instanceId of reached) {
      const own = confirmed.get(keyOf(tokenId, instanceId))
      const standing = standingOf(listeners.get(instanceId) ?? [], own, endedAt.getTime())
      if (standing) standings.set(instanceId, worse(standing, standings.get(instanceId)))
      if (own) last = Math.max(last ?? 0, own.at)
    }
  }

  const first = Math.min(...ended.map(({ endedAt }) => endedAt.getTime()))
  return {
    revokedAt: new Date(first).toISOString(),
    ...countOf(standings.values()),
    // Forges note times by their own clocks, which may differ a little.
    seconds: last === null ? null : Math.max(0, last - first) / 1000,
  }
}

/** From the best to the worst. */
const STANDINGS = ['confirmed', 'offline', 'silent', 'waiting'] as const
type Standing = (typeof STANDINGS)[number]

/** Of an instance that came after the end there is nothing to say: it began with nothing. */
function standingOf(own: ListenerRow[], confirmed: Confirmed | undefined, endedAt: number): Standing | null {
  const concerned = own.filter(({ since }) => toEpochMs(since) <= endedAt)
  if (concerned.some(({ id, confirms }) => confirms && !confirmed?.by.has(id))) return 'waiting'
  if (concerned.some(({ confirms }) => !confirms)) return 'silent'
  if (confirmed) return 'confirmed'
  return own.length === 0 ? 'offline' : null
}

function worse(one: Standing, other: Standing = 'confirmed'): Standing {
  return STANDINGS.indexOf(one) > STANDINGS.indexOf(other) ? one : other
}

function countOf(standings: Iterable<Standing>): Record<Standing, number> {
  const counts = { confirmed: 0, waiting: 0, silent: 0, offline: 0 }
  for (const standing of standings) counts[standing] += 1
  return counts
}

interface ListenerRow {
  id: string
  instanceId: string
  confirms: RawBoolean
  since: RawTime
}

async function listenersAt(db: Sequelize, instanceIds: string[]): Promise<Map<string, ListenerRow[]>> {
  const listeners = new Map<string, ListenerRow[]>()
  if (instanceIds.length === 0) return listeners

  const sinceSeen = databaseClock(db).secondsSince('seen_at')
  const rows = await selectRows<ListenerRow>(
    db,
    `SELECT id, instance_id AS "instanceId", confirms, since FROM pat_listeners
     WHERE instance_id IN (${placesFor(instanceIds)}) AND ${sinceSeen} <= ${GONE_AFTER_SECONDS}`,
    instanceIds,
  )
  for (const row of rows) listeners.set(row.instanceId, [...(listeners.get(row.instanceId) ?? []), row])
  return listeners
}

/** What an instance has said of a token: its listeners that did, and when the last of them. */
interface Confirmed {
  by: Set<string>
  /** Epoch ms. */
  at: number
}

const keyOf = (tokenId: string, instanceId: string) => `${tokenId} ${instanceId}`

/** By token and instance. One that the token does not reach may have confirmed too: nobody asked it. */
async function confirmationsOf(db: Sequelize, tokenIds: string[]): Promise<Map<string, Confirmed>> {
  const confirmed = new Map<string, Confirmed>()
  if (tokenIds.length === 0) return confirmed

  const rows = await selectRows<{ tokenId: string; instanceId: string; listenerId: string; at: RawTime }>(
    db,
    `SELECT token_id AS "tokenId", instance_id AS "instanceId", listener_id AS "listenerId", confirmed_at AS at
     FROM pat_confirmations WHERE token_id IN (${placesFor(tokenIds)})`,
    tokenIds,
  )
  for (const { tokenId, instanceId, listenerId, at } of rows) {
    const key = keyOf(tokenId, instanceId)
    const known = confirmed.get(key) ?? { by: new Set(), at: 0 }
    confirmed.set(key, { by: known.by.add(listenerId), at: Math.max(known.at, toEpochMs(at)) })
  }
  return confirmed
}
