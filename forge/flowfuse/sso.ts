import type { Sequelize } from 'sequelize'

import { coalesce } from '../changes/coalesce.ts'
import type { HostFacts, SsoStanding } from '../directory/directory.ts'
import { selectRows, type RawBoolean, type RawTime } from '../sql/rows.ts'
import { toEpochMs } from '../sql/time.ts'

/** FlowFuse does not say through which of its providers somebody comes. Whoever must come through one can do nothing else. */
export const FLOWFUSE_SSO = { id: 'flowfuse', name: 'FlowFuse' } as const

/**
 * An entry with an error in it is of a sign-in that failed, and whoever tried may have chosen the name in it. For an
 * entry `l` of the audit log.
 */
export const IS_SIGN_IN = `l."event" = 'account.login' AND coalesce(l."body", '') NOT LIKE '%"error"%'`

/** When people last signed in at FlowFuse, epoch ms; null where its audit log does not say. By FlowFuse's numbers of them. */
export type LastSignIns = (users: readonly number[]) => Promise<Map<number, number | null>>

/** A look is believed for so long: sign-ins are only followed by later ones, so it lets nobody in for longer. */
const BELIEVED_MS = 10_000
/** Entries that are read at once: the log may have millions, and its only index is that of their numbers. */
const ENTRIES_AT_ONCE = 50_000
/** Entries that are read again, since one may be seen before another with a lower number. */
const OVERLAP = 1_000

/** Each entry is read once, by whoever asks first; of the sign-ins that were found the last of each person is kept. */
export function createLastSignIns(db: Sequelize, now: () => number = Date.now): LastSignIns {
  const known = new Map<number, number>()
  let readTo = 0
  let lookedAt = -Infinity

  const look = coalesce(async () => {
    const beganAt = now()
    const newest = await newestEntry(db)
    for (let from = Math.max(0, readTo - OVERLAP); from < newest; from += ENTRIES_AT_ONCE) {
      const to = Math.min(from + ENTRIES_AT_ONCE, newest)
      for (const { user, at } of await readSignIns(db, from, to)) known.set(user, Math.max(at, known.get(user) ?? 0))
      readTo = to
    }
    lookedAt = beganAt
  })

  return async (users) => {
    // Also by a clock that was set back.
    if (users.length > 0 && Math.abs(now() - lookedAt) >= BELIEVED_MS) await look()
    return new Map(users.map((user) => [user, known.get(user) ?? null]))
  }
}

async function newestEntry(db: Sequelize): Promise<number> {
  const [row] = await selectRows<{ id: number | string | null }>(db, 'SELECT max("id") AS id FROM "AuditLogs"', [])
  return Number(row?.id ?? 0)
}

async function readSignIns(db: Sequelize, after: number, to: number): Promise<{ user: number; at: number }[]> {
  const rows = await selectRows<{ user: number; at: RawTime }>(
    db,
    `SELECT l."UserId" AS "user", max(l."createdAt") AS "at" FROM "AuditLogs" l
     WHERE l."id" > $1 AND l."id" <= $2 AND l."UserId" IS NOT NULL AND ${IS_SIGN_IN} GROUP BY l."UserId"`,
    [after, to],
  )
  return rows.map(({ user, at }) => ({ user, at: toEpochMs(at) }))
}

/** What single sign-on says of a person, in all of their teams alike; null for who may sign in with a password. */
export async function standingOf(
  lastSignIns: LastSignIns,
  user: number,
  ssoEnabled: RawBoolean | null,
): Promise<SsoStanding | null> {
  if (!ssoEnabled) return null
  return { provider: FLOWFUSE_SSO, signedInAt: (await lastSignIns([user])).get(user) ?? null }
}

/** FlowFuse does not keep what the provider said. */
export const withoutClaims = (standing: SsoStanding | null): NonNullable<HostFacts['sso']> | null =>
  standing && { ...standing, authTime: null, amr: [], groups: null }
