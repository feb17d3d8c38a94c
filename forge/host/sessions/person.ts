import type { FastifyRequest } from 'fastify'

import { withoutSession } from '../../access/session.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import type { HostStore } from '../store.ts'
import type { SessionCookie } from './cookie.ts'
import { findSession, type Session } from './sessions.ts'

/** Who is signed in. */
export interface Person {
  userId: string
  username: string
  sessionId: string
  /** The identity provider that the session came through; null after a password. */
  providerId: string | null
  /** Runs the platform: manages users and every team, without being a member of any. */
  admin: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The signed-in person; set by `requirePerson`. */
    person: Person
  }
}

export interface Sessions {
  store: HostStore
  cookie: SessionCookie
}

/** The session of this request's cookie; null without a live one. Never looks at Authorization. */
export async function sessionOf({ store, cookie }: Sessions, request: FastifyRequest): Promise<Session | null> {
  const sid = cookie.read(request)
  return sid === null ? null : findSession(store, sid, Date.now())
}

/**
 * Hook that lets only a signed-in person pass.
 * @throws {ForgeError} unauthorized, or session_required when a token was sent instead
 */
export function requirePerson(sessions: Sessions): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const session = await sessionOf(sessions, request)
    if (!session) throw withoutSession(request)
    const { userId, username, id: sessionId, providerId, admin } = session
    request.person = { userId, username, sessionId, providerId, admin }
  }
}

/** Hook, after `requirePerson`, that lets only administrators pass. @throws {ForgeError} forbidden */
export async function requireAdmin({ person }: FastifyRequest): Promise<void> {
  if (!person.admin) throw new ForgeError('forbidden', 'Only an administrator can do this.')
}
