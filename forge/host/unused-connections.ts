import type { Socket } from 'node:net'

import type { FastifyInstance } from 'fastify'

/** Who has connected and says nothing for so long after the port was closed had nothing to say. */
const PATIENCE_MS = 250

/**
 * Lets a stopping forge hang up on connections over which nothing was ever asked. Browsers, load balancers and fetch
 * open such ahead of time, and Node counts them as busy: the server would wait for them. Not at once: a request may be
 * on its way, since in a drain every one of them comes over a connection of its own.
 */
export function dropUnusedConnections(app: FastifyInstance): void {
  const open = new Set<Socket>()

  app.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  app.addHook('preClose', async () => {
    const drop = () => {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
    }
    // Behind what has arrived in the meantime, also where the process stood still.
    const timer = setTimeout(() => setImmediate(drop), PATIENCE_MS)
    timer.unref()
    app.server.once('close', () => clearTimeout(timer))
  })
}
