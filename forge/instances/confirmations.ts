import type { Sequelize } from 'sequelize'

import type { Confirmation, Revocation } from '../contract/revocation.ts'
import { ForgeError } from '../errors/forge-error.ts'
import type { Task } from '../housekeeping/task.ts'
import { placesFor, selectRows, writeRows, type RawBoolean, type RawTime } from '../sql/rows.ts'
import { databaseClock, sqlTime, toEpochMs } from '../sql/time.ts'
import { getToken } from '../tokens/list-tokens.ts'
import { instancesOf } from '../tokens/reach.ts'
import type { TokenStore } from '../tokens/store.ts'
import { listTargets } from '../tokens/wish.ts'
import { GONE_AFTER_SECONDS } from './roster.ts'

/**
 * Notes that an instance holds nothing of these tokens any more. Only of tokens that have been ended there, and only for a
 * listener of its own: who confirms what nobody asked for changes nothing.
 * @param about.teamId of the instance
 * @returns for each of them the seconds since it was ended there
 */
export async function confirm(
  db: Sequelize,
  { listenerId, tokenIds, now, ...about }: Confirmation & { instanceId: string; teamId: string; now: Date },
): Promise<number[]> {
  const { instanceId } = about
  const ended = await endedAt(db, { listenerId, tokenIds, ...about })
  if (ended.length === 0) return []

  const rows = ended.map((_, index) => `($${4 + index}, $1, $2, $3)`)
  await writeRows(
    db,
    `INSERT INTO pat_confirmations (token_id, listener_id, instance_id, confirmed_at) VALUES ${rows.join()}
     ON CONFLICT (token_id, listener_id) DO NOTHING`,
    [listenerId, instanceId, sqlTime(now), ...ended.map(({ id }) => id)],
  )
  return ended.map(({ at }) => Math.max(0, now.getTime() - toEpochMs(at)) / 1000)
}

/** Those of the tokens that are revoked, or that an owner has ended for the instance or its team, and when they were. */
async function endedAt(
  db: Sequelize,
  about: { listenerId: string; tokenIds: string[]; instanceId: string; teamId: string },
): Promise<{ id: string; at: RawTime }[]> {
  const { listenerId, tokenIds, instanceId, teamId } = about
  const bind: unknown[] = [listenerId, instanceId, teamId, ...tokenIds]
  const ids = tokenIds.map((_, index) => `$${4 + index}`).join()

  return selectRows(
    db,
    `SELECT ended.id, max(ended.at) AS at
       FROM pat_listeners l
       JOIN (SELECT id, revoked_at AS at FROM pat_tokens WHERE id IN (${ids}) AND revoked_at IS NOT NULL
             UNION ALL SELECT token_id, created_at FROM pat_cuts WHERE token_id IN (${ids})
               AND ((scope_type = 'team' AND scope_id = $3) OR (scope_type = 'instance' AND scope_id = $2))) ended ON true
      WHERE l.id = $1 AND l.instance_id = $2
      GROUP BY ended.id`,
    bind,
  )
}

/**
 * How far the revocation of one of a person's tokens has got, over all forges on the database.
 * @throws {ForgeError} not_found, also for a token that is not revoked
 */
export async function revocationOf(store: TokenStore, ownerId: string, id: string): Promise<Revocation> {
  const token = await getToken(store, ownerId, id)
  if (token.revokedAt === null) throw new ForgeError('not_found', 'This token is not revoked.')

  const reached = instancesOf(await listTargets(store, ownerId), token.grants).map((instance) => instance.id)
  return progressOf(store.db, { tokenId: id, endedAt: new Date(token.revokedAt), reached })
}

/** How far it has got that a token was ended at these instances. */
export async function progressOf(db: Sequelize, { tokenId, endedAt, reached }: Ended): Promise<Revocation> {
  const [listeners, confirmations] = [
    await listenersAt(db, tokenId, reached),
    await confirmationsOf(db, tokenId, reached),
  ]

  const counts: Record<Standing, number> = { confirmed: 0, waiting: 0, silent: 0, offline: 0 }
  for (const instanceId of reached) {
    const own = listeners.filter((listener) => listener.instanceId === instanceId)
    const standing = standingOf(own, confirmations.has(instanceId), endedAt.getTime())
    if (standing) counts[standing] += 1
  }
  const last = Math.max(...confirmations.values())
  return {
    revokedAt: endedAt.toISOString(),
    ...counts,
    // Forges note times by their own clocks, which may differ a little.
    seconds: confirmations.size === 0 ? null : Math.max(0, last - endedAt.getTime()) / 1000,
  }
}

interface Ended {
  tokenId: string
  endedAt: Date
  /** The instances that it reached. */
  reached: string[]
}

type Standing = 'confirmed' | 'waiting' | 'silent' | 'offline'

interface ListenerRow {
  instanceId: string
  confirms: RawBoolean
  since: RawTime
  confirmed: RawBoolean
}

/** Of an instance that came after the end there is nothing to say: it began with nothing. */
function standingOf(own: ListenerRow[], confirmed: boolean, endedAt: number): Standing | null {
  const concerned = own.filter(({ since }) => toEpochMs(since) <= endedAt)
  if (concerned.some((listener) => listener.confirms && !listener.confirmed)) return 'waiting'
  if (concerned.some(({ confirms }) => !confirms)) return 'silent'
  if (confirmed) return 'confirmed'
  return own.length === 0 ? 'offline' : null
}

async function listenersAt(db: Sequelize, tokenId: string, instanceIds: string[]): Promise<ListenerRow[]> {
  if (instanceIds.length === 0) return []

  const sinceSeen = databaseClock(db).secondsSince('l.seen_at')
  return selectRows<ListenerRow>(
    db,
    `SELECT l.instance_id AS "instanceId", l.confirms, l.since, c.token_id IS NOT NULL AS confirmed
     FROM pat_listeners l LEFT JOIN pat_confirmations c ON c.listener_id = l.id AND c.token_id = $${instanceIds.length + 1}
     WHERE l.instance_id IN (${placesFor(instanceIds)}) AND ${sinceSeen} <= ${GONE_AFTER_SECONDS}`,
    [...instanceIds, tokenId],
  )
}

/** The last of each instance, epoch ms. One that the token does not reach may have confirmed too: nobody asked it. */
async function confirmationsOf(db: Sequelize, tokenId: string, instanceIds: string[]): Promise<Map<string, number>> {
  if (instanceIds.length === 0) return new Map()

  const rows = await selectRows<{ instanceId: string; at: RawTime }>(
    db,
    `SELECT instance_id AS "instanceId", max(confirmed_at) AS at FROM pat_confirmations
     WHERE instance_id IN (${placesFor(instanceIds)}) AND token_id = $${instanceIds.length + 1}
     GROUP BY instance_id`,
    [...instanceIds, tokenId],
  )
  return new Map(rows.map(({ instanceId, at }) => [instanceId, toEpochMs(at)]))
}

const KEPT_MS = 86_400_000

/** Removes confirmations of yesterday: by then nobody waits for them. */
export function oldConfirmationsTask(db: Sequelize): Task {
  return {
    name: 'old-confirmations',
    everySeconds: 3_600,
    async run(now) {
      const before = sqlTime(new Date(now.getTime() - KEPT_MS))
      await writeRows(db, 'DELETE FROM pat_confirmations WHERE confirmed_at < $1', [before])
    },
  }
}
