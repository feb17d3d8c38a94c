import type { ServerResponse } from 'node:http'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { InstanceEvent } from '../../forge/contract/instance-events.ts'
import { createForgeApi } from '../../instance/forge-api.ts'
import { openPushChannel, type PushChannel } from '../../instance/push-channel.ts'
import { startLoopbackForge, withEvents, type LoopbackForge } from './support/loopback-forge.ts'

let forge: LoopbackForge
let channel: PushChannel
let heard: InstanceEvent[]
let downs: unknown[]

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
  forge = await startLoopbackForge()
  heard = []
  downs = []
})
afterEach(async () => {
  channel.close()
  vi.useRealTimers()
  await forge.close()
})

function open(): void {
  const settings = { forgeUrl: forge.url, instanceId: undefined, instanceToken: 'fft_secret', log: () => undefined }
  channel = openPushChannel(createForgeApi(settings), {
    onEvent: (event) => heard.push(event),
    onDown: (error) => downs.push(error),
  })
}

/** Not vi.waitFor, which moves the clock. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
const names = () => heard.map(({ event }) => event)

it('asks with the credential of the instance, and is live from hello on', async () => {
  const stream = withEvents(forge, null)
  open()
  await until(() => stream.connections.length === 1)
  expect(forge.calls[0]?.headers).toMatchObject({ authorization: 'Bearer fft_secret', accept: 'text/event-stream' })
  expect(channel.isLive()).toBe(false)

  stream.push({ event: 'hello', data: { resumed: false, heartbeatSeconds: 20 } })
  stream.push({ event: 'forget', data: { tokenId: 'abc' } })
  await until(() => heard.length === 2)

  expect(channel.isLive()).toBe(true)
  expect(heard[1]).toEqual({ event: 'forget', data: { tokenId: 'abc' } })
})

it('leaves alone what a later forge may send', async () => {
  const stream = withEvents(forge)
  open()
  await until(() => heard.length === 1)

  stream.push({ event: 'tea' as 'bye', data: {} })
  stream.push({ event: 'rules', data: {} })
  await until(() => heard.length === 2)

  expect(names()).toEqual(['hello', 'rules'])
})

it('comes back after a second at most when the connection breaks, and says which event was the last', async () => {
  const stream = withEvents(forge)
  open()
  await until(() => heard.length === 1)
  stream.push({ event: 'rules', data: {} }, 'seven')
  await until(() => heard.length === 2)

  stream.cut()
  await until(() => downs.length === 1)
  expect(channel.isLive()).toBe(false)
  await vi.advanceTimersByTimeAsync(1_000)
  await until(() => channel.isLive())

  expect(stream.connections).toEqual([undefined, 'seven'])
})

it('takes a stream for dead that is silent for three heartbeats, whatever the socket says', async () => {
  const stream = withEvents(forge)
  open()
  await until(() => heard.length === 1)

  await vi.advanceTimersByTimeAsync(59_000)
  stream.comment()
  stream.push({ event: 'rules', data: {} })
  await until(() => heard.length === 2)
  await vi.advanceTimersByTimeAsync(59_000)
  expect(channel.isLive()).toBe(true)
  await vi.advanceTimersByTimeAsync(1_001)

  await until(() => !channel.isLive())
})

it('does not wait for ever for a hello', async () => {
  withEvents(forge, null)
  open()
  await until(() => forge.calls.length === 1)

  await vi.advanceTimersByTimeAsync(10_001)

  await until(() => downs.length === 1)
})

it('goes on with another forge soon after bye', async () => {
  const stream = withEvents(forge)
  open()
  await until(() => heard.length === 1)

  stream.push({ event: 'bye', data: {} })
  await until(() => downs.length === 1)
  expect(downs).toEqual([null])
  await vi.advanceTimersByTimeAsync(2_000)

  await until(() => stream.connections.length === 2)
})

describe('a forge that is away', () => {
  it('is asked after 1, 2, 4 … and at most 30 seconds', async () => {
    forge.routes['GET /events'] = (_call, response: ServerResponse) => void response.writeHead(503).end()
    open()

    const waits = [2, 4, 8, 16, 30, 30]
    for (const [n, seconds] of waits.entries()) {
      await until(() => downs.length === n + 1)
      await vi.advanceTimersByTimeAsync(seconds * 1_000 - 1)
      expect(forge.calls).toHaveLength(n + 1)
      await vi.advanceTimersByTimeAsync(1)
      await until(() => forge.calls.length === n + 2)
    }
  })

  it('is left alone once the channel is closed', async () => {
    forge.routes['GET /events'] = (_call, response: ServerResponse) => void response.writeHead(503).end()
    open()
    await until(() => downs.length === 1)

    channel.close()
    await vi.advanceTimersByTimeAsync(60_000)

    expect(forge.calls).toHaveLength(1)
  })
})
