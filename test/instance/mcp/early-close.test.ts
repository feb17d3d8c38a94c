import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

import { toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler, McpServer as McpServerV2 } from '@modelcontextprotocol/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { CallReport } from '../../../forge/contract/tool-calls.ts'
import { httpNodeMiddleware, type ForgeLink, type InstanceRequest } from '../../../instance/index.ts'
import { guardTools } from '../../../instance/mcp/index.ts'
import { listen, type Listening } from '../support/listen.ts'
import { activeAnswer, json, madeUpToken, startLoopbackForge, type LoopbackForge } from '../support/loopback-forge.ts'

const READ = { annotations: { readOnlyHint: true } }
const DONE = { content: [{ type: 'text' as const, text: 'done' }] }
const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } }
const MODERN = {
  ...CALL,
  params: {
    name: 'slow',
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
}
const MODERN_HEADERS = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'slow' }

/** For a machine that is busy with other tests. */
const BUSY = { timeout: 20_000 }

let forge: LoopbackForge
let served: Listening
let link: ForgeLink
let logged: string[]
/** The tool, which answers when the test says so. */
let tool: { started: Promise<void>; start(): void; finished: Promise<void>; finish(): void }
let response: ServerResponse

beforeEach(async () => {
  forge = await startLoopbackForge(json(200, activeAnswer({}, { role: { name: 'owner', level: 50 }, readOnly: false })))
  forge.routes['GET /tool-rules'] = (_call, answer) =>
    void answer.writeHead(200, { 'content-type': 'application/json' }).end('{"rules":[]}')
  logged = []
  forge.routes['POST /audit'] = ({ body }, answer) => {
    const { calls } = JSON.parse(body) as CallReport
    logged.push(...calls.map((call) => [call.tool, call.outcome, call.reason ?? ''].join(' ').trim()))
    answer.end(JSON.stringify({ accepted: calls.length, duplicates: 0, refused: [] }))
  }
  let start = () => undefined as void
  let finish = start
  const started = new Promise<void>((resolve) => (start = resolve))
  const finished = new Promise<void>((resolve) => (finish = resolve))
  tool = { started, start, finished, finish }
})
afterEach(async () => {
  vi.useRealTimers()
  tool.finish()
  await link.close()
  await served.close()
  await forge.close()
})

async function work() {
  tool.start()
  await tool.finished
  return DONE
}

type Serve = (request: InstanceRequest, response: ServerResponse) => unknown

/** One server for each request, which is closed when its client goes, as the SDK's documentation has it. */
const onV1: Serve = async (request, answer) => {
  const server = guardTools(new McpServerV1({ name: 'tools', version: '1' }), link)
  server.registerTool('slow', READ, work)
  const transport = new StreamableHTTPServerTransport()
  answer.on('close', () => void server.close())
  await server.connect(transport)
  await transport.handleRequest(request, answer)
}

const onV2: Serve = (request, answer) => {
  const handler = createMcpHandler(() => {
    const server = guardTools(new McpServerV2({ name: 'tools', version: '1' }), link)
    server.registerTool('slow', READ, work)
    return server
  })
  return toNodeHandler(handler)(request as never, answer)
}

const RESULT = { jsonrpc: '2.0', id: 1, result: DONE }
const inJson: Serve = async (_request, answer) => {
  await work()
  answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(RESULT))
}
const inEvents: Serve = async (_request, answer) => {
  answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
  await work()
  answer.end(`data: ${JSON.stringify(RESULT)}\n\n`)
}
/** Ends the stream at once, and answers a client that comes back (2025-11-25, resumability). */
const toWhoReturns: Serve = async (request, answer) => {
  answer.writeHead(200, { 'content-type': 'text/event-stream' })
  if (request.method === 'POST') {
    tool.start()
    return answer.end('id: 1\ndata: \n\n')
  }
  await tool.finished
  answer.end(`id: 2\ndata: ${JSON.stringify(RESULT)}\n\n`)
}

async function serve(server: Serve, { inspectBody = false } = {}): Promise<void> {
  const middleware = httpNodeMiddleware({
    forgeUrl: forge.url,
    instanceToken: 'fft_secret',
    resourceUrl: 'https://line3.example',
    inspectBody,
    log: () => undefined,
  })
  link = middleware.link
  served = await listen((request, answer) => {
    response = answer
    middleware(request, answer, () => void server(request, answer))
  })
}

function ask(
  method: string,
  { body, headers = {}, signal }: { body?: unknown; headers?: object; signal?: AbortSignal },
) {
  return fetch(`${served.url}/mcp`, {
    method,
    headers: {
      authorization: `Bearer ${madeUpToken(1)}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  })
}

/** Calls the tool, and goes while it is at work. Settles when the server has noticed. */
async function callAndGo(body: unknown = CALL, headers: object = {}): Promise<void> {
  const going = new AbortController()
  const asked = ask('POST', { body, headers, signal: going.signal }).then((answer) => answer.text())
  asked.catch(() => undefined)
  await tool.started
  const closed = once(response, 'close')
  going.abort()
  await closed
}

const reads = (list: unknown) => link.registry.learn('/mcp', list as never, { keep: false })

const GUARDED = { patienceMs: 5_000 }
const INSPECTED = { inspectBody: true, patienceMs: 60_000 }

describe.each<[string, Serve, { inspectBody?: boolean; patienceMs: number }, unknown, object]>([
  ['guardTools on SDK v1', onV1, GUARDED, CALL, {}],
  ['guardTools on SDK v2', onV2, GUARDED, CALL, {}],
  ['guardTools on SDK v2, in 2026-07-28', onV2, GUARDED, MODERN, MODERN_HEADERS],
  ['inspectBody, of an answer in JSON', inJson, INSPECTED, CALL, {}],
  ['inspectBody, of a stream of events', inEvents, INSPECTED, CALL, {}],
])('behind %s, a call whose caller goes before the answer', (_what, server, options, body, headers) => {
  it('is logged as what the tool made of it, once', async () => {
    await serve(server, options)
    reads([{ name: 'slow', ...READ }])

    await callAndGo(body, headers)
    tool.finish()

    await vi.waitFor(() => expect(logged).toEqual(['slow ok']), BUSY)
    await link.close()
    expect(logged).toEqual(['slow ok'])
  })

  it('is logged as without an answer when there is none', async () => {
    await serve(server, options)
    reads([{ name: 'slow', ...READ }])
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

    await callAndGo(body, headers)
    await vi.advanceTimersByTimeAsync(options.patienceMs)

    await vi.waitFor(() => expect(logged).toEqual(['slow tool_error no_answer']), BUSY)
  })
})

describe('inspectBody', () => {
  it('logs an answer that comes to another request of the session', async () => {
    await serve(toWhoReturns, { inspectBody: true })
    reads([{ name: 'slow', ...READ }])
    const headers = { 'mcp-session-id': 'session-of-alice' }

    await (await ask('POST', { body: CALL, headers })).text()
    const resumed = ask('GET', { headers: { ...headers, 'last-event-id': '1' } })
    tool.finish()

    expect(await (await resumed).text()).toContain('done')
    await vi.waitFor(() => expect(logged).toEqual(['slow ok']), BUSY)
  })

  it('logs a call that its client cancels as such', async () => {
    await serve(inEvents, { inspectBody: true })
    reads([{ name: 'slow', ...READ }])
    const headers = { 'mcp-session-id': 'session-of-alice' }
    const asked = ask('POST', { body: CALL, headers }).then((answer) => answer.text())
    await tool.started

    await serveCancelled(headers)
    tool.finish()
    await asked

    await vi.waitFor(() => expect(logged).toEqual(['slow tool_error cancelled']), BUSY)
  })
})

/** The server behind answers each request in the same way; the notification alone matters here. */
async function serveCancelled(headers: object): Promise<void> {
  const body = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
  const going = new AbortController()
  const answer = await ask('POST', { body, headers, signal: going.signal })
  expect(answer.status).toBe(200)
  going.abort()
}
