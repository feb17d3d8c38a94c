import type { FastifyReply, FastifyRequest } from 'fastify'

import { SESSION_LIFETIME_MS } from './sessions.ts'

/** The session cookie: signed, so that junk is turned away without a query. */
export interface SessionCookie {
  /** What the cookie of this request holds, or null without a rightly signed one. */
  read(request: FastifyRequest): string | null
  write(reply: FastifyReply, sid: string): void
  clear(reply: FastifyReply): void
}

const NAME = 'sid'

/** @param baseUrl decides the cookie's path and whether it travels over https only */
export function createSessionCookie(baseUrl: string): SessionCookie {
  const { protocol, pathname } = new URL(baseUrl)
  const scope = { path: pathname, httpOnly: true, sameSite: 'lax', secure: protocol === 'https:' } as const

  return {
    read(request) {
      const { valid, value } = request.unsignCookie(request.cookies[NAME] ?? '')
      return valid ? value : null
    },
    write: (reply, sid) =>
      void reply.setCookie(NAME, sid, { ...scope, signed: true, maxAge: SESSION_LIFETIME_MS / 1000 }),
    clear: (reply) => void reply.clearCookie(NAME, scope),
  }
}
