import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import proxyAddr from '@fastify/proxy-addr'
import type { FastifyInstance } from 'fastify'

import type { Config } from './config.ts'

/** Without an underscore, so that no credential of ours can pass for an id; long enough to tell requests apart. */
const ID = /^[0-9A-Za-z.-]{8,64}$/

/**
 * Names each request: by `X-Request-Id` where a trusted proxy says so, else by an id of our own. A caller who could
 * choose it could make the audit name somebody else's request.
 */
export function requestIds(trustProxy: Config['trustProxy']): (request: IncomingMessage) => string {
  const isProxy = typeof trustProxy === 'boolean' ? () => trustProxy : proxyAddr.compile(trustProxy)

  return ({ headers, socket }) => {
    const said = headers['x-request-id']
    const believed = typeof said === 'string' && ID.test(said) && isProxy(socket.remoteAddress ?? '', 0)
    return believed ? said : randomUUID()
  }
}

/** Tells each caller the id, whatever the answer is: to be quoted, and found in the log and the audit. */
export function tellRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', ({ id }, reply, done) => {
    reply.header('x-request-id', id)
    done()
  })
}
