import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { startForge, type TestForge } from '../../support/forge.ts'

async function connectTo({ app, url }: TestForge) {
  const { hostname, port } = new URL(url)
  const accepted = once(app.server, 'connection')
  const socket = connect(Number(port), hostname)
  await accepted
  return socket
}

it('stops although somebody has opened a connection and never asked anything', async () => {
  const forge = await startForge({ listen: true })
  const socket = await connectTo(forge)
  const closed = once(socket, 'close')

  await forge.close()

  await closed
  expect(socket.bytesRead).toBe(0)
})

it('answers who had connected before it stopped, and asks only now', async () => {
  const forge = await startForge({ listen: true })
  const socket = await connectTo(forge)

  const closed = forge.close()
  while (forge.app.server.listening) await setImmediate()
  socket.write('GET /health/live HTTP/1.1\r\nHost: forge.test\r\n\r\n')

  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  expect(answer.toLowerCase()).toContain('connection: close')
  await closed
})
