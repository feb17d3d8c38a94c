import type { onSendHookHandler } from 'fastify'

import type { Changes } from './changes.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route whose method says that it changes something, and that changes nothing of what decisions look at. */
    changesNothing?: boolean
  }
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/**
 * Hook (onSend) that holds back the answer to a request that may have changed something until this forge has itself
 * dropped whatever it held of it: who is told "revoked" finds it so at once, here.
 */
export function settleBeforeAnswer(changes: Changes): onSendHookHandler {
  return ({ method, routeOptions }, _reply, payload, done) => {
    if (SAFE_METHODS.includes(method) || routeOptions.config.changesNothing) return done(null, payload)
    void changes.settled().then(() => done(null, payload))
  }
}
