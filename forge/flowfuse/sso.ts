import type { Sequelize } from 'sequelize'

import type { HostFacts, SsoStanding } from '../directory/directory.ts'
import { placesFor, selectRows, type RawBoolean, type RawTime } from '../sql/rows.ts'
import { toEpochMs } from '../sql/time.ts'
import { createShortMemory } from './short-memory.ts'

/** FlowFuse does not say through which of its providers somebody comes. Whoever must come through one can do nothing else. */
export const FLOWFUSE_SSO = { id: 'flowfuse', name: 'FlowFuse' } as const

/**
 * An entry with an error in it is of a sign-in that failed, and whoever tried may have chosen the name in it. For an
 * entry `l` of the audit log.
 */
export const IS_SIGN_IN = `l."event" = 'account.login' AND coalesce(l."body", '') NOT LIKE '%"error"%'`

/** When people last signed in at FlowFuse, epoch ms; null where its audit log does not say. By FlowFuse's numbers of them. */
export type LastSignIns = (users: readonly number[]) => Promise<Map<number, number | null>>

/**
 * The log may be long, and has no index for this: what was found is believed for ten seconds. A sign-in is only ever
 * followed by a later one, so that what is remembered lets nobody in for longer.
 */
export function createLastSignIns(db: Sequelize, now: () => number = Date.now): LastSignIns {
  const memory = createShortMemory<{ at: number | null }>(now)

  return async (users) => {
    const known = new Map(users.map((user) => [user, memory.recall(String(user))]))
    const unknown = users.filter((user) => !known.get(user))
    const found = await readSignIns(db, unknown)

    for (const user of unknown) {
      const signIn = { at: found.get(user) ?? null }
      known.set(user, signIn)
      memory.keep(String(user), signIn)
    }
    return new Map(users.map((user) => [user, known.get(user)?.at ?? null]))
  }
}

async function readSignIns(db: Sequelize, users: readonly number[]): Promise<Map<number, number>> {
  if (users.length === 0) return new Map()

  const rows = await selectRows<{ userId: number; at: RawTime }>(
    db,
    `SELECT l."UserId" AS "userId", max(l."createdAt") AS "at" FROM "AuditLogs" l
     WHERE l."UserId" IN (${placesFor(users)}) AND ${IS_SIGN_IN} GROUP BY l."UserId"`,
    [...users],
  )
  return new Map(rows.map(({ userId, at }) => [userId, toEpochMs(at)]))
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
