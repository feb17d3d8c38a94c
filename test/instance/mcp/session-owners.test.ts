import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { httpNodeMiddleware, type ForgeLink } from '../../../instance/index.ts'
import { listen, type Listening } from '../support/listen.ts'
import { activeAnswer, json, madeUpToken, startLoopbackForge, type LoopbackForge } from '../support/loopback-forge.ts'

const ALICE = madeUpToken(1)
const ALICE_TOO = madeUpToken(2)
const BOB = madeUpToken(3)
const ID = 'a-session'

let forge: LoopbackForge
let served: Listening
let link: ForgeLink
/** What the server behind was asked. */
let reached: string[]

beforeEach(async () => {
  forge = await startLoopbackForge((asked, response) => {
    const sub = asked.token === BOB ? 'bob-id' : 'alice-id'
    return json(200, activeAnswer({ sub }))(asked, response)
  })
  reached = []
})
afterEach(async () => {
  await link.close()
  await served.close()
  await forge.close()
})

async function serve(server: RequestListener): Promise<void> {
  const resourceUrl = 'https://line3.example'
  const middleware = httpNodeMiddleware({
    forgeUrl: forge.url,
    instanceToken: 'fft_secret',
    resourceUrl,
    log: () => undefined,
  })
  link = middleware.link
  served = await listen((request, response) =>
    middleware(request, response, () => {
      reached.push(request.method ?? '')
      server(request, response)
    }),
  )
}

function ask(method: string, token: string, { session, body }: { session?: string; body?: object } = {}) {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  }
  return fetch(`${served.url}/mcp`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
}

describe.each<[string, RequestListener]>([
  ['as a header of the answer', (_request, response) => response.setHeader('Mcp-Session-Id', ID).end()],
  ['with its head', (_request, response) => response.writeHead(200, { 'Mcp-Session-Id': ID }).end()],
  ['with its head, in a list', (_request, response) => response.writeHead(200, ['mcp-session-id', ID]).end()],
])('a session that a server opens %s', (_what, server) => {
  it('is of use to the person who opened it, by any token of theirs, and to nobody else', async () => {
    await serve(server)
    await ask('POST', ALICE)

    const status = async (method: string, token: string) => (await ask(method, token, { session: ID })).status
    expect(await status('POST', ALICE)).toBe(200)
    expect(await status('POST', ALICE_TOO)).toBe(200)
    expect(reached).toEqual(['POST', 'POST', 'POST'])
    for (const method of ['POST', 'GET', 'DELETE']) expect(await status(method, BOB)).toBe(404)
    expect(reached).toHaveLength(3)
  })
})

it('is bound to its person too when it is given to who presents an old one', async () => {
  await serve((_request, response) => response.writeHead(200, { 'mcp-session-id': ID }).end())
  await ask('POST', ALICE, { session: 'one that has ended' })

  expect((await ask('POST', BOB, { session: ID })).status).toBe(404)
})

it('does not become the session of who presents one that was opened elsewhere', async () => {
  await serve((_request, response) => response.writeHead(200, { 'mcp-session-id': ID }).end())
  await ask('POST', BOB, { session: ID })

  expect((await ask('POST', ALICE, { session: ID })).status).toBe(200)
})

it('lets a server say what becomes of a session that was opened elsewhere', async () => {
  await serve((_request, response) => response.writeHead(418).end())

  expect((await ask('POST', BOB, { session: 'another' })).status).toBe(418)
})

it('holds for a server of the SDK', async () => {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID })
  await new McpServer({ name: 'tools', version: '1' }).connect(transport)
  await serve((request, response) => void transport.handleRequest(request, response))
  const clientInfo = { name: 'test', version: '1' }
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
  const ping = { jsonrpc: '2.0', id: 2, method: 'ping' }

  const opened = await ask('POST', ALICE, { body: { jsonrpc: '2.0', id: 1, method: 'initialize', params } })
  await opened.text()
  const session = opened.headers.get('mcp-session-id') ?? ''

  const foreign = await ask('POST', BOB, { session, body: ping })
  expect([foreign.status, await foreign.json()]).toMatchObject([404, { error: 'session_not_found' }])
  expect((await ask('POST', ALICE, { session, body: ping })).status).toBe(200)
})
