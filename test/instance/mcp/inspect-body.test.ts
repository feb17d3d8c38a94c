import { request as httpRequest, type RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'

import express from 'express'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import type { CallReport, ReportedCall } from '../../../forge/contract/tool-calls.ts'
import { runChain, type Handler } from '../../../instance/connect.ts'
import { httpNodeMiddleware, type ForgeLink, type InstanceOptions } from '../../../instance/index.ts'
import { listen, type Listening } from '../support/listen.ts'
import { activeAnswer, json, madeUpToken, startLoopbackForge, type LoopbackForge } from '../support/loopback-forge.ts'

const TOOLS = [
  { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'reset', inputSchema: { type: 'object' } },
]
const REVISION = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }

let forge: LoopbackForge
let served: Listening
let link: ForgeLink
let logged: ReportedCall[]
/** What the server behind was asked. */
let reached: unknown[]

beforeEach(async () => {
  forge = await startLoopbackForge()
  logged = []
  reached = []
  allow('viewer')
  forge.routes['GET /tool-rules'] = (_call, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end('{"rules":[]}')
  forge.routes['POST /audit'] = ({ body }, response) => {
    const { calls } = JSON.parse(body) as CallReport
    logged.push(...calls)
    response.end(JSON.stringify({ accepted: calls.length, duplicates: 0, refused: [] }))
  }
})
afterEach(async () => {
  await link.close()
  await served.close()
  await forge.close()
})

function allow(role: 'viewer' | 'owner', readOnly = false): void {
  forge.answer = json(200, activeAnswer({}, { role: { name: role, level: role === 'viewer' ? 10 : 50 }, readOnly }))
}

interface Rpc {
  id?: number
  method: string
  params?: { name?: string }
}

function resultOf({ id, method, params }: Rpc): unknown {
  const result =
    method === 'tools/list' ? { tools: TOOLS } : { content: [{ type: 'text', text: `did ${params?.name}` }] }
  return { jsonrpc: '2.0', id, result }
}

function answersTo(body: unknown): unknown {
  reached.push(body)
  return Array.isArray(body) ? body.map((each) => resultOf(each as Rpc)) : resultOf(body as Rpc)
}

/** Servers of somebody else, in no SDK of ours. */
const SERVERS: Record<string, RequestListener> = {
  'that reads the stream and answers with JSON': (request, response) =>
    void text(request).then((body) => {
      const answer = JSON.stringify(answersTo(JSON.parse(body)))
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
      response.end(answer)
    }),
  'that has a body parser and answers with JSON': express()
    .use(express.json())
    .use((request, response) => void response.json(answersTo(request.body))),
  'that answers with events': (request, response) =>
    void text(request).then((body) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': hello\n\n')
      for (const answer of [answersTo(JSON.parse(body))].flat()) {
        const event = `event: message\nid: 1\ndata: ${JSON.stringify(answer)}\n\n`
        // In two pieces, as networks do.
        response.write(event.slice(0, 30))
        response.write(event.slice(30))
      }
      response.end()
    }),
}

async function serve(
  server: RequestListener,
  options: InstanceOptions = {},
  front: Handler = (_request, _response, next) => next(),
): Promise<void> {
  const middleware = httpNodeMiddleware({
    forgeUrl: forge.url,
    instanceToken: 'fft_secret',
    resourceUrl: 'https://line3.example',
    inspectBody: true,
    log: () => undefined,
    ...options,
  })
  link = middleware.link
  served = await listen((request, response) =>
    runChain([front, middleware], request, response, () => void server(request, response)),
  )
}

async function post(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${served.url}/mcp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${madeUpToken(1)}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
const call = (id: number, name: string, more: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, ...more },
})

async function calls(): Promise<string[]> {
  await link.calls.close()
  return logged.map(({ tool, outcome, reason }) => [tool, outcome, reason ?? ''].join(' ').trim()).sort()
}

describe.each(Object.entries(SERVERS))('a server %s', (_, server) => {
  it('lists and lets call what the rules allow, and every call is logged', async () => {
    await serve(server)

    const listed = await post(list)
    expect(listed.text).toContain('"look"')
    expect(listed.text).not.toContain('"reset"')
    expect((await post(call(2, 'look'))).text).toContain('did look')
    expect((await post(call(3, 'reset'))).text).toContain('needs the role owner')

    expect(await calls()).toEqual(['look ok', 'reset refused tool_role'])
    expect(reached).toEqual([list, call(2, 'look')])
  })

  it('is given of a batch what may be called, and the batch is answered in full', async () => {
    await serve(server)
    await post(list)

    const { text: answer } = await post([call(2, 'look'), call(3, 'reset')])

    expect(answer).toContain('did look')
    expect(answer).toContain('-32003')
    expect(answer).not.toContain('did reset')
  })
})

describe('inspectBody', () => {
  const server = SERVERS['that reads the stream and answers with JSON'] as RequestListener

  it('takes a tool that was never described for the worst', async () => {
    await serve(server)

    expect((await post(call(1, 'look'))).text).toContain('needs the role owner')
  })

  it('hands on what it has understood, not the bytes of the client', async () => {
    await serve(server)
    await post(list)

    await post('{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"reset"},"params":{"name":"look"}}')

    expect(reached.at(-1)).toEqual(call(2, 'look'))
  })

  it.each([
    ['no JSON', '{', 400],
    ['a call without an id', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'look' } }, 400],
    ['a nest that is too deep', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 400],
    ['more than four megabytes', `"${'x'.repeat(4_200_000)}"`, 413],
  ])('refuses %s', async (_what, body, status) => {
    await serve(server)

    expect((await post(body)).status).toBe(status)
    expect(reached).toEqual([])
  })

  it.each([
    ['another tool', { 'mcp-method': 'tools/call', 'mcp-name': 'reset' }],
    ['another method', { 'mcp-method': 'tools/list', 'mcp-name': 'look' }],
    ['no tool', { 'mcp-method': 'tools/call' }],
    ['nothing', {}],
  ])('refuses a request of 2026-07-28 whose headers name %s', async (_what, headers) => {
    await serve(server)
    await post(list)

    const { status, text: answer } = await post(call(2, 'look', REVISION), headers)

    expect([status, answer]).toEqual([400, expect.stringContaining('-32020')])
    expect(reached).toEqual([list])
  })

  it.each([
    ['lets a notification through whose header names it', { 'mcp-method': 'notifications/initialized' }, 200],
    ['refuses a notification whose header names a call', { 'mcp-method': 'tools/call', 'mcp-name': 'look' }, 400],
  ])('%s', async (_what, headers, status) => {
    await serve(server)

    expect((await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers)).status).toBe(status)
  })

  it('refuses a batch whose headers name one call', async () => {
    await serve(server)

    const { status } = await post([call(1, 'look'), call(2, 'look')], {
      'mcp-method': 'tools/call',
      'mcp-name': 'look',
    })

    expect([status, reached]).toEqual([400, []])
  })

  it('answers a call of 2026-07-28 for which the scope is not enough with 403 and the scope', async () => {
    allow('owner', true)
    await serve(server)
    const headers = { 'mcp-method': 'tools/call', 'mcp-name': '=?base64?cmVzZXQ=?=' }

    const answer = await post(call(2, 'reset', REVISION), headers)

    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toMatch(
      /^Bearer error="insufficient_scope", .*scope="mcp:write", resource_metadata="https:\/\/line3\.example\/\.well-known/,
    )
    expect(await calls()).toEqual(['reset refused tool_read_only'])
  })

  it('lets nobody in whom another check knows: what they call could not be judged', async () => {
    await serve(server, { fallback: (_request, _response, next) => next() })

    expect((await raw('/mcp', { headers: { cookie: 'session=alice' } })).status).toBe(401)
    expect((await raw('/mcp', { headers: { authorization: 'Bearer key-of-the-host' } })).status).toBe(401)
    expect(reached).toEqual([])
  })

  it('judges a call that a middleware of ours without it has let in, once', async () => {
    const settings = { forgeUrl: forge.url, instanceToken: 'fft_secret', resourceUrl: 'https://line3.example' }
    const others = [{}, { inspectBody: true }].map((each) =>
      httpNodeMiddleware({ ...settings, ...each, log: () => undefined }),
    )
    onTestFinished(async () => void (await Promise.all(others.map((other) => other.link.close()))))
    await serve(server, {}, (request, response, next) => runChain(others, request, response, next))
    await link.close()

    expect((await post(call(2, 'reset'))).text).toContain('needs the role owner')
    await others[1]?.link.calls.close()
    expect(logged.map(({ tool }) => tool)).toEqual(['reset'])
    expect(reached).toEqual([])
  })

  it.each(['PUT', 'PATCH', 'DELETE', 'GET'])('judges a call that comes with %s', async (method) => {
    await serve(server)

    expect((await raw('/mcp', { method, headers: AUTHORIZED })).text).toContain('needs the role owner')
    expect(reached).toEqual([])
  })

  it.each([
    ['text', express.text({ type: '*/*' })],
    ['bytes', express.raw({ type: '*/*' })],
  ])('judges a call that a parser in front has left as %s', async (_what, parser) => {
    const behind = express().use((request, response) => void response.json(answersTo(JSON.parse(String(request.body)))))
    await serve(behind, {}, parser as Handler)
    await post(list)

    expect((await post(call(2, 'reset'))).text).toContain('needs the role owner')
    expect((await post(call(3, 'look'))).text).toContain('did look')
    expect(reached).toEqual([list, call(3, 'look')])
  })
})

describe('inspectBody, of requests with one id,', () => {
  /** Answers what came last first, and its tools fail. */
  const backwards: RequestListener = (request, response) =>
    void text(request).then((body) => {
      const answers = (JSON.parse(body) as Rpc[]).map((each) =>
        each.method === 'tools/call'
          ? { jsonrpc: '2.0', id: each.id, result: { content: [], isError: true } }
          : resultOf(each),
      )
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers.reverse()))
    })

  it('lets the first through: no other answer passes for that of a call', async () => {
    await serve(backwards)
    await post([list])

    const { text: answer } = await post([call(1, 'look'), list, { ...list, method: 'ping' }, call(1, 'look')])

    expect(answer.match(/-32600/g)).toHaveLength(3)
    expect(answer).not.toContain('"reset"')
    expect(await calls()).toEqual(['look refused id_in_use', 'look tool_error'])
  })
})

const AUTHORIZED = { authorization: `Bearer ${madeUpToken(1)}` }

/** A call of a tool to the very target that is given, which `fetch` would tidy up. */
function raw(
  target: string,
  { method = 'POST', headers = {} }: { method?: string; headers?: Record<string, string> },
): Promise<{ status: number | undefined; text: string }> {
  const { port } = new URL(served.url)
  const bytes = JSON.stringify(call(1, 'reset'))
  const length = { 'content-type': 'application/json', 'content-length': String(bytes.length) }
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: target, method, headers: { ...length, ...headers } }
    const asking = httpRequest(options, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode, text: answer }), reject)
    })
    asking.on('error', reject)
    asking.end(bytes)
  })
}

describe.each([
  [
    'below the path, where Express mounts servers',
    '/mcp/x',
    express().use('/mcp', (request, response) => void serveAny(request, response)),
  ],
  [
    'with another slash at the end',
    '/mcp//',
    express().use('/mcp', (request, response) => void serveAny(request, response)),
  ],
  ...['/./mcp', '/x/../mcp', '/%2e/mcp', '//line3/mcp', '/x\\..\\mcp', 'x://a@b/mcp'].map(
    (target) => ['as the URL standard reads it', target, byPathname((url) => url)] as const,
  ),
  ['with letters in code', '/%6dcp', byPathname(decodeURIComponent)],
  ['with empty segments', '//mcp', byPathname((path) => path, '')],
] as const)('inspectBody, of a server that is reached %s', (_how, target, server) => {
  it(`judges a call to ${target}`, async () => {
    await serve(server)

    expect((await raw(target, { headers: AUTHORIZED })).text).toContain('needs the role owner')
    expect(reached).toEqual([])
  })
})

const serveAny: RequestListener = (request, response) =>
  (SERVERS['that reads the stream and answers with JSON'] as RequestListener)(request, response)

/** A router of somebody else: serves whatever comes to be `/mcp`. */
function byPathname(read: (pathname: string) => string, base = 'http://line3'): RequestListener {
  return (request, response) => {
    const url = request.url ?? ''
    const pathname = base === '' ? url.replace(/\/+/g, '/') : new URL(url, base).pathname
    if (read(pathname) === '/mcp') serveAny(request, response)
    else response.writeHead(404).end('not here')
  }
}
