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
 * Notes that an instance holds nothing of these tokens any more. Only of tokens that are revoked, and only for a listener
 * of its own: who confirms what nobody asked for changes nothing.
 * @returns for each of them the seconds since it was revoked
 */
export async function confirm(
  db: Sequelize,
  { listenerId, tokenIds, instanceId, now }: Confirmation & { instanceId: string; now: Date },
): Promise<number[]> {
  const revoked = await selectRows<{ id: string; revokedAt: RawTime }>(
    db,
    `SELECT t.id, t.revoked_at AS "revokedAt" FROM pat_listeners l JOIN pat_tokens t ON t.revoked_at IS NOT NULL
     WHERE t.id IN (${placesFor(tokenIds)}) AND l.id = $${tokenIds.length + 1} AND l.instance_id = $${tokenIds.length + 2}`,
    [...tokenIds, listenerId, instanceId],
  )
  if (revoked.length === 0) return []

  const rows = revoked.map((_, index) => `($${4 + index}, $1, $2, $3)`)
  await writeRows(
    db,
    `INSERT INTO pat_confirmations (token_id, listener_id, instance_id, confirmed_at) VALUES ${rows.join()}
     ON CONFLICT (token_id, listener_id) DO NOTHING`,
    [listenerId, instanceId, sqlTime(now), ...revoked.map(({ id }) => id)],
  )
  return revoked.map(({ revokedAt }) => Math.max(0, now.getTime() - toEpochMs(revokedAt)) / 1000)
}

/**
 * How far the revocation of one of a person's tokens has got, over all forges on the database.
 * @throws {ForgeError} not_found, also for a token that is not revoked
 */
export async function revocationOf(store: TokenStore, ownerId: string, id: string): Promise<Revocation> {
  const token = await getToken(store, ownerId, id)
  if (token.revokedAt === null) throw new ForgeError('not_found', 'This token is not revoked.')

  const revokedAt = Date.parse(token.revokedAt)
  const reached = instancesOf(await listTargets(store, ownerId), token.grants).map((instance) => instance.id)
  const [listeners, confirmations] = [
    await listenersAt(store.db, id, reached),
    await confirmationsOf(store.db, id, reached),
  ]

  const counts: Record<Standing, number> = { confirmed: 0, waiting: 0, silent: 0, offline: 0 }
  for (const instanceId of reached) {
    const own = listeners.filter((listener) => listener.instanceId === instanceId)
    const standing = standingOf(own, confirmations.has(instanceId), revokedAt)
    if (standing) counts[standing] += 1
  }
  const last = Math.max(...confirmations.values())
  return {
    revokedAt: token.revokedAt,
    ...counts,
    // Forges note times by their own clocks, which may differ a little.
    seconds: confirmations.size === 0 ? null : Math.max(0, last - revokedAt) / 1000,
  }
}

type Standing = 'confirmed' | 'waiting' | 'silent' | 'offline'

interface ListenerRow {
  instanceId: string
  confirms: RawBoolean
  since: RawTime
  confirmed: RawBoolean
}

/** Of an instance that came after the revocation there is nothing to say: it began with nothing. */
function standingOf(own: ListenerRow[], confirmed: boolean, revokedAt: number): Standing | null {
  const concerned = own.filter(({ since }) => toEpochMs(since) <= revokedAt)
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
