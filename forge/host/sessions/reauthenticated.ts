import type { FastifyRequest } from 'fastify'

import type { Audit } from '../../audit/audit.ts'
import { ownLog } from '../../audit/entry.ts'
import type { HostStore } from '../store.ts'
import { findSession, type Session } from './sessions.ts'

export interface SignInAgain {
  /** The session that this browser had until now. */
  before: Session | null
  /** What the cookie of the new one holds. */
  sid: string
  method: 'password' | 'sso'
}

/** Writes into a person's log that they, signed in already, have proved again who they are; nothing of a first sign-in. */
export async function noteReauthenticated(
  store: HostStore,
  audit: Pick<Audit, 'write'>,
  { before, sid, method }: SignInAgain,
  { id: requestId, ip: address }: Pick<FastifyRequest, 'id' | 'ip'>,
): Promise<void> {
  const session = before && (await findSession(store, sid, Date.now()))
  if (!session || session.userId !== before.userId) return

  const { id: sessionId, userId, username } = session
  const actor = { type: 'user', userId, username, sessionId, requestId, address } as const
  const entry = { actor, scopes: [ownLog({ id: userId, username })] as const, body: { method } }
  await store.db.transaction((transaction) => audit.write({ event: 'user.reauthenticated', ...entry }, transaction))
}
