import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { createConfirmations } from '../../instance/confirmations.ts'
import { createForgeLink, type ForgeLink } from '../../instance/forge-link.ts'
import { createForgeApi } from '../../instance/forge-api.ts'
import { readInstanceOptions } from '../../instance/options.ts'
import { eventually } from '../support/eventually.ts'
import {
  activeAnswer,
  json,
  madeUpToken,
  startLoopbackForge,
  withEvents,
  type LoopbackForge,
} from './support/loopback-forge.ts'

const LISTENER = '0f8fad5b-d9cb-469f-a165-70867728950e'
const WHAT = 'POST /events/confirmations'

let forge: LoopbackForge
let link: ForgeLink | null
beforeEach(async () => {
  forge = await startLoopbackForge(json(200, activeAnswer({ jti: 'tokenA' })))
  forge.routes[WHAT] = (_call, response) => void response.writeHead(204).end()
  link = null
})
afterEach(async () => {
  vi.useRealTimers()
  await link?.close()
  await forge.close()
})

const confirmed = () => forge.calls.filter(({ what }) => what === WHAT).map(({ body }) => JSON.parse(body) as unknown)
const hello = (listenerId?: string) =>
  ({
    event: 'hello',
    data: { resumed: false, heartbeatSeconds: 20, ...(listenerId === undefined ? {} : { listenerId }) },
  }) as const
const open = () => {
  const options = { forgeUrl: forge.url, instanceToken: 'fft_secret', resourceUrl: 'https://line3.example' }
  link = createForgeLink(readInstanceOptions({ ...options, log: () => undefined }))
  return link
}

it('confirms a revoked token once nothing is held of it, and says beforehand that it will', async () => {
  const stream = withEvents(forge, hello(LISTENER))
  const { introspector } = open()
  await eventually(() => expect(stream.connections).toHaveLength(1))
  expect(forge.calls.find(({ what }) => what === 'GET /events')?.headers['prefer']).toBe('confirm')
  const token = madeUpToken()
  await eventually(async () => {
    await introspector.introspect(token)
    const before = forge.asked.length
    await introspector.introspect(token)
    expect(forge.asked).toHaveLength(before) // held by now
  })

  let heldAtConfirmation: boolean | null = null
  forge.routes[WHAT] = async (_call, response) => {
    const before = forge.asked.length
    await introspector.introspect(token)
    heldAtConfirmation = forge.asked.length === before
    response.writeHead(204).end()
  }
  stream.push({ event: 'forget', data: { tokenId: 'tokenA', confirm: true } })

  await eventually(() => expect(heldAtConfirmation).toBe(false))
  expect(confirmed()).toEqual([{ listenerId: LISTENER, tokenIds: ['tokenA'] }])
})

it('confirms nothing that it is not asked to, and nothing to a forge that names no listener', async () => {
  const stream = withEvents(forge, hello(LISTENER))
  open()
  await eventually(() => expect(stream.connections).toHaveLength(1))
  stream.push({ event: 'forget', data: { tokenId: 'changed' } })
  stream.push({ event: 'forget', data: {} })
  stream.push(hello())
  stream.push({ event: 'forget', data: { tokenId: 'of-an-old-forge', confirm: true } })
  stream.push(hello(LISTENER))
  stream.push({ event: 'forget', data: { tokenId: 'revoked', confirm: true } })

  await eventually(() => expect(confirmed()).toEqual([{ listenerId: LISTENER, tokenIds: ['revoked'] }]))
})

it('gathers what follows closely', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const settings = { forgeUrl: forge.url, instanceId: undefined, instanceToken: 'fft_secret', log: () => undefined }
  const confirmations = createConfirmations(createForgeApi(settings))
  confirmations.listenAs(LISTENER)
  for (let n = 0; n < 601; n++) confirmations.note(`token-${n}`)

  vi.advanceTimersByTime(250)
  vi.advanceTimersByTime(250)
  vi.useRealTimers()
  await eventually(() => expect(confirmed()).toHaveLength(3))
  const sizes = confirmed().map((each) => (each as { tokenIds: string[] }).tokenIds.length)
  expect(sizes.sort((a, b) => a - b)).toEqual([1, 100, 500])
  confirmations.close()
})
