import type { FastifyInstance } from 'fastify'

import type { ApiError } from '../contract/common.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * From now on the forge says that it is not ready, and asks each client to connect anew, while it goes on serving:
     * whoever balances finds out, and connects elsewhere, before the port is closed.
     */
    beginDrain(): void
  }
}

/** Makes a forge able to leave in peace. @param readyPath what a balancer asks */
export function prepareDrain(app: FastifyInstance, readyPath: string): void {
  let draining = false
  app.decorate('beginDrain', () => {
    draining = true
  })

  app.addHook('onRequest', (request, reply, done) => {
    if (!draining) return done()

    void reply.header('connection', 'close')
    if (request.url.split('?')[0] === readyPath) {
      // Not thrown: nothing is wrong that the log should tell of.
      const stopping: ApiError = { code: 'unavailable', error: 'This forge is about to stop.' }
      return void reply.code(503).header('retry-after', 5).send(stopping)
    }
    done()
  })
}
