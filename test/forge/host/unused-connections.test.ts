import { once } from 'node:events'
import { connect } from 'node:net'

import { expect, it } from 'vitest'

import { startForge } from '../../support/forge.ts'

it('stops although somebody has opened a connection and never asked anything', async () => {
  const forge = await startForge({ listen: true })
  const { hostname, port } = new URL(forge.url)
  const socket = connect(Number(port), hostname)
  const accepted = once(forge.app.server, 'connection')
  await accepted
  const closed = once(socket, 'close')

  await forge.close()

  await closed
  expect(socket.bytesRead).toBe(0)
})
