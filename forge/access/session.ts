import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'

import type { Directory, SessionUser } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The signed-in person; set by `requireSession`. */
    owner: SessionUser
  }
}

/** Makes a scope of the API one for people in their browser: `request.owner` is who it is, and no answer is stored. */
export function servePeople(app: Parameters<FastifyPluginAsyncTypebox>[0], directory: Directory): void {
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)
  app.addHook('onRequest', requireSession(directory))
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))
}

/**
 * Hook that lets only a signed-in browser session pass. It looks for a session, never at a token: a token can't manage
 * tokens, whatever it may do elsewhere.
 * @throws {ForgeError} session_required when a token was sent instead, unauthorized when nothing was
 */
function requireSession(directory: Directory): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const owner = await directory.sessionUser(request)
    if (!owner) throw withoutSession(request)
    request.owner = owner
  }
}

/** The refusal of a request without a session: `session_required` when it came with a token, else `unauthorized`. */
export function withoutSession({ headers }: FastifyRequest): ForgeError {
  return headers.authorization === undefined
    ? new ForgeError('unauthorized', 'Sign in first.')
    : new ForgeError('session_required', 'This is done in the browser only: sign in there. A token cannot do it.')
}

/** How old the last proof of who one is may be for what mints power, in minutes. */
const FRESH_MINUTES = 10

/**
 * Refuses what mints power when the person has not shown for a while that it is still them at the keyboard.
 * @param authenticatedAt when they last proved who they are, epoch ms
 * @param now epoch ms
 * @throws {ForgeError} reauthentication_required
 */
export function checkFresh(authenticatedAt: number, now: number): void {
  if (now - authenticatedAt < FRESH_MINUTES * 60_000) return

  throw new ForgeError('reauthentication_required', 'Confirm that it is you: sign in again, then repeat this.')
}
