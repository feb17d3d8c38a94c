import { afterEach, beforeEach, expect, it } from 'vitest'

import { callerFromAnswer } from '../../../instance/caller.ts'
import { httpNodeMiddleware, type ForgeLink } from '../../../instance/index.ts'
import { createMessageGate } from '../../../instance/mcp/message-gate.ts'
import { activeAnswer, startLoopbackForge, type LoopbackForge } from '../support/loopback-forge.ts'

const SERVER = '/mcp'

let forge: LoopbackForge
let link: ForgeLink
/** Lets the forge say what the rules are. */
let tellRules: () => void

beforeEach(async () => {
  forge = await startLoopbackForge()
  forge.routes['GET /tool-rules'] = (_call, response) => {
    tellRules = () => void response.setHeader('content-type', 'application/json').end('{"rules":[]}')
  }
  link = httpNodeMiddleware({
    forgeUrl: forge.url,
    instanceToken: 'fft_secret',
    resourceUrl: 'https://line3.example',
    log: () => undefined,
  }).link
  link.registry.learn(SERVER, [{ name: 'look', annotations: { readOnlyHint: true } }], { keep: false })
})
afterEach(async () => {
  await link.close()
  await forge.close()
})

it('gives one of two requests with the same id its turn, also while the rules are not known yet', async () => {
  const messages = createMessageGate(link, { server: SERVER, keep: false })
  const caller = callerFromAnswer(activeAnswer())
  const call = messages.receive({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'look' } }, caller)
  const list = messages.receive({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }, caller)
  await expect.poll(() => forge.calls.some(({ what }) => what === 'GET /tool-rules')).toBe(true)
  tellRules()

  expect(await call).toBeNull()
  expect(await list).toMatchObject({ answer: { error: { code: -32_600 } } })
  await messages.end(0)
})
