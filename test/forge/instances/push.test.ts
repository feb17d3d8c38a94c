import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { createPush, type Listener, type Push } from '../../../forge/instances/push.ts'
import { openStream } from '../../../forge/instances/stream.ts'

const place = { instanceId: 'packer', applicationId: 'app', teamId: 'team' }

let push: Push
let server: Server
beforeEach(async () => {
  push = createPush()
  server = createServer((_request, response) => {
    const stream = openStream(response, {}, () => push.remove(listener))
    const listener: Listener = { place, stream, check: async () => place }
    push.add(listener, undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  push.close()
  server.closeAllConnections()
  server.close()
})

async function ask(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: forge\r\n\r\n')
  await once(socket, 'readable')
  return socket
}

it('hangs up on an instance that does not take what it is sent, whatever is still to come', async () => {
  const socket = await ask()
  expect(push.size).toBe(1)

  const padding = 'x'.repeat(10_000)
  for (let n = 0; n < 5_000 && push.size > 0; n++) {
    push.publish({ event: { event: 'forget', data: { tokenId: padding } }, to: 'everybody' })
    await turn()
  }

  expect(push.size).toBe(0)
  socket.destroy()
})

it('forgets an instance that has hung up', async () => {
  const socket = await ask()
  socket.destroy()

  await expect.poll(() => push.size).toBe(0)
})

it('lets an instance go whose credential cannot be looked at', async () => {
  let ended = false
  const stream = { write: () => undefined, beat: () => undefined, end: () => (ended = true) }
  const check = () => Promise.reject(new Error('no database'))
  push.add({ place, stream, check }, undefined)

  await push.recheck([{ type: 'team', id: 'another' }])
  expect(ended).toBe(false)
  await push.recheck([{ type: 'team', id: 'team' }])
  expect(ended).toBe(true)
  expect(push.size).toBe(0)
})

it('tells each who comes to come back after a time of its own, between one and five seconds', async () => {
  const waits: number[] = []
  for (let n = 0; n < 8; n++) {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8')
    socket.write('GET / HTTP/1.1\r\nhost: forge\r\n\r\n')
    let text = ''
    for await (const chunk of socket as AsyncIterable<string>) {
      text += chunk
      if (/\nretry: \d+\n/.test(text)) break
    }
    waits.push(Number(/\nretry: (\d+)\n/.exec(text)?.[1]))
  }

  expect(waits.every((ms) => ms >= 1_000 && ms <= 5_000)).toBe(true)
  expect(new Set(waits).size).toBeGreaterThan(1)
})
