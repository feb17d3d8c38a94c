import type { FastifyRequest } from 'fastify'

import type { SessionUser } from '../directory/directory.ts'
import { selectRows, type RawBoolean, type RawTime } from '../sql/rows.ts'
import { toEpochMs, toIso } from '../sql/time.ts'
import { noAnswer, type FlowFuse } from './flowfuse.ts'
import { createShortMemory } from './short-memory.ts'
import { FLOWFUSE_SSO, IS_SIGN_IN } from './sso.ts'
import type { FlowFuseStore } from './store.ts'

/** Somebody whose browser is signed in at FlowFuse. */
export interface FlowFusePerson extends SessionUser {
  name: string
  email: string
  admin: boolean
  createdAt: string
}

export interface FlowFuseSessions {
  /**
   * Who is signed in at FlowFuse in this browser; null for nobody, and for who has still something to do there: an
   * expired password, an address that is not confirmed where FlowFuse sends e-mail, a second factor.
   * @throws {ForgeError} unavailable when FlowFuse does not answer
   */
  personOf(request: FastifyRequest): Promise<FlowFusePerson | null>
}

export interface SessionParts {
  store: FlowFuseStore
  flowfuse: FlowFuse
  /** Monotonic, in milliseconds. */
  now?: () => number
}

/**
 * FlowFuse is asked with the cookie, and told nothing else but an address to count by. Its answer is remembered for
 * seconds, and never for a request that changes something. Asking ends a sign-in that still waits for its second factor,
 * so only requests that need to know who is there may come here.
 */
export function createFlowFuseSessions({
  store,
  flowfuse,
  now = () => performance.now(),
}: SessionParts): FlowFuseSessions {
  const memory = createShortMemory<FlowFusePerson>(now)

  const ask = async (cookie: string, address: string): Promise<FlowFusePerson | null> => {
    const tell = (path: string) => flowfuse.ask(path, { cookie }, address)
    const answer = await tell('/api/v1/user')
    const id = answer === null ? null : await signedInId(answer, tell)
    return id === null ? null : findPerson(store, id, memory.nameOf(cookie).slice(0, 22))
  }

  return {
    async personOf(request) {
      const cookie = sessionCookie(request.headers.cookie)
      if (cookie === null) return null

      const changesNothing = request.method === 'GET' || request.method === 'HEAD'
      const known = changesNothing ? memory.recall(cookie) : null
      if (known) return known

      const person = await ask(cookie, request.ip)
      if (person) memory.keep(cookie, person)
      return person
    },
  }
}

/** The session's cookie alone, as it was sent. */
function sessionCookie(header: string | undefined): string | null {
  const cookies = (header ?? '').split(';').map((cookie) => cookie.trim())
  return cookies.find((cookie) => /^sid=[\x21-\x7e]+$/.test(cookie)) ?? null
}

/** FlowFuse says who it is even when it would let them do nothing yet. @throws {ForgeError} unavailable */
async function signedInId(answer: unknown, tell: (path: string) => Promise<unknown>): Promise<string | null> {
  const user = fieldsOf(answer)
  if (typeof user['id'] !== 'string') throw noAnswer(new Error('FlowFuse did not say who is signed in'))
  if (user['password_expired'] === true || user['suspended'] === true) return null

  // Where FlowFuse sends no e-mail, nobody can confirm an address, and FlowFuse lets them in without.
  const isHeldBack = user['email_verified'] === false && fieldsOf(await tell('/api/v1/settings'))['email'] !== false
  return isHeldBack ? null : user['id']
}

function fieldsOf(answer: unknown): Record<string, unknown> {
  return typeof answer === 'object' && answer !== null ? { ...answer } : {}
}

/**
 * How many of FlowFuse's latest audit entries are looked at for the last sign-in. Only one of the last minutes counts
 * for anything, and a bound keeps the look short in a table without an index for it.
 */
const LATEST_ENTRIES = 5_000

const LAST_ENTRY = `SELECT max(l."createdAt") FROM (
    SELECT e."event", e."body", e."UserId", e."createdAt" FROM "AuditLogs" e ORDER BY e."id" DESC LIMIT ${LATEST_ENTRIES}
  ) l WHERE l."UserId" = u."id" AND ${IS_SIGN_IN}`

/** A sign-in with a second factor writes no entry, and is the only thing that makes a session like this. */
const LAST_SECOND_FACTOR = `SELECT max(s."createdAt") FROM "Sessions" s WHERE s."UserId" = u."id" AND s."mfa_verified"`

interface PersonRow {
  username: string
  name: string | null
  email: string
  admin: RawBoolean | null
  suspended: RawBoolean | null
  ssoEnabled: RawBoolean | null
  createdAt: RawTime
  signedInAt: RawTime | null
  secondFactorAt: RawTime | null
}

async function findPerson(
  { db, ids }: FlowFuseStore,
  userId: string,
  sessionId: string,
): Promise<FlowFusePerson | null> {
  const user = ids.user.decode(userId)
  if (user === null) return null

  const [row] = await selectRows<PersonRow>(
    db,
    `SELECT u."username", u."name", u."email", u."admin", u."suspended", u."createdAt",
       u."sso_enabled" AS "ssoEnabled",
       (${LAST_ENTRY}) AS "signedInAt", (${LAST_SECOND_FACTOR}) AS "secondFactorAt"
     FROM "Users" u WHERE u."id" = $1`,
    [user],
  )
  if (!row || row.suspended) return null

  return {
    userId,
    username: row.username,
    sessionId,
    // FlowFuse does not say when a session began. The person's last sign-in is known, wherever it was.
    authenticatedAt: Math.max(
      ...[row.signedInAt, row.secondFactorAt].map((time) => (time === null ? 0 : toEpochMs(time))),
    ),
    providerId: row.ssoEnabled ? FLOWFUSE_SSO.id : null,
    name: row.name ?? row.username,
    email: row.email,
    admin: Boolean(row.admin),
    createdAt: toIso(row.createdAt),
  }
}
