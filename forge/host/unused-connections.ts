import type { Socket } from 'node:net'

import type { FastifyInstance } from 'fastify'

/**
 * Lets a stopping forge hang up on connections over which nothing was ever asked. Browsers, load balancers and fetch
 * open such ahead of time, and Node counts them as busy: the server would wait for them.
 */
export function dropUnusedConnections(app: FastifyInstance): void {
  const open = new Set<Socket>()

  app.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  app.addHook('preClose', async () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  })
}
