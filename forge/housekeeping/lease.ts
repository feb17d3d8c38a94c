import { randomUUID } from 'node:crypto'

import type { Sequelize } from 'sequelize'

import { writeRows } from '../sql/rows.ts'
import { databaseClock } from '../sql/time.ts'

/**
 * Does the work if no other process holds the lease of this name, and holds it for as long as the work takes: it is
 * renewed meanwhile, and ends by itself `ttlSeconds` after the death of its holder.
 *
 * A lease spares double work; it is not a lock to trust. A process that stood still for longer than the ttl wakes up
 * beside the next holder. So the work writes what is right however often it runs (a conditional write, a unique key),
 * and a long one stops when `lost` says so. There is no fencing token, since all our work writes into the database
 * that keeps the lease, where such a condition protects better.
 *
 * @param name at most 64 characters
 * @param work gets a signal that is aborted once the lease is lost
 * @returns whether the work was done here; false when another process holds the lease
 */
export async function withLease(
  db: Sequelize,
  name: string,
  ttlSeconds: number,
  work: (lost: AbortSignal) => Promise<unknown>,
): Promise<boolean> {
  const lease: Lease = { name, holder: randomUUID(), ttlSeconds }
  const takenAt = performance.now()
  if (!(await take(db, lease))) return false

  const renewal = keepRenewing(db, lease, takenAt)
  try {
    await work(renewal.lost)
  } finally {
    await renewal.stop()
    // A lease that cannot be given back ends by itself; the work is done all the same.
    await release(db, lease).catch(() => undefined)
  }
  return true
}

interface Lease {
  name: string
  /** Another one at every taking, so that nobody renews or releases what somebody else has taken over. */
  holder: string
  ttlSeconds: number
}

async function take(db: Sequelize, { name, holder, ttlSeconds }: Lease): Promise<boolean> {
  const clock = databaseClock(db)
  const taken = await writeRows(
    db,
    `INSERT INTO pat_leases (name, holder, expires_at) VALUES ($1, $2, ${clock.secondsFromNow('$3')})
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
     WHERE pat_leases.expires_at <= ${clock.now}`,
    [name, holder, ttlSeconds],
  )
  return taken === 1
}

async function renew(db: Sequelize, { name, holder, ttlSeconds }: Lease): Promise<boolean> {
  const renewed = await writeRows(
    db,
    `UPDATE pat_leases SET expires_at = ${databaseClock(db).secondsFromNow('$3')} WHERE name = $1 AND holder = $2`,
    [name, holder, ttlSeconds],
  )
  return renewed === 1
}

async function release(db: Sequelize, { name, holder }: Lease): Promise<void> {
  await writeRows(db, 'DELETE FROM pat_leases WHERE name = $1 AND holder = $2', [name, holder])
}

/** @param takenAt when the taking began, by this process's monotonic clock: never later than the database counts from */
function keepRenewing(db: Sequelize, lease: Lease, takenAt: number): { lost: AbortSignal; stop(): Promise<void> } {
  const ttlMs = lease.ttlSeconds * 1000
  const controller = new AbortController()
  let heldUntil = takenAt + ttlMs
  let renewing: Promise<void> | null = null

  const renewOnce = async () => {
    const startedAt = performance.now()
    if (await renew(db, lease)) heldUntil = startedAt + ttlMs
    else controller.abort()
  }

  const timer = setInterval(() => {
    if (performance.now() >= heldUntil) controller.abort()
    // A database that does not answer is tried again until the time is up.
    renewing ??= renewOnce()
      .catch(() => undefined)
      .finally(() => (renewing = null))
  }, ttlMs / 3)
  timer.unref()

  return {
    lost: controller.signal,
    async stop() {
      clearInterval(timer)
      await renewing
    },
  }
}
