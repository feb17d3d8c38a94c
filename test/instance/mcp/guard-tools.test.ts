import { createMcpHandler, McpServer as McpServerV2, Server as ServerV2 } from '@modelcontextprotocol/server'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { CallReport, ReportedCall } from '../../../forge/contract/tool-calls.ts'
import type { ToolRule } from '../../../forge/contract/tool-registry.ts'
import { httpNodeMiddleware, type ForgeLink, type InstanceRequest } from '../../../instance/index.ts'
import { guardTools } from '../../../instance/mcp/index.ts'
import { connectV1, connectV2, type McpClient } from '../../../scripts/demo/clients.ts'
import { listen, type Listening } from '../support/listen.ts'
import { activeAnswer, json, madeUpToken, startLoopbackForge, type LoopbackForge } from '../support/loopback-forge.ts'

const TOKEN = madeUpToken(1)
const READ = { annotations: { readOnlyHint: true } }
const WRITE = { annotations: { readOnlyHint: false, destructiveHint: false } }
const answer = (text: string) => ({ content: [{ type: 'text' as const, text }] })

let forge: LoopbackForge
let served: Listening
let link: ForgeLink
let logged: ReportedCall[]

/** A server as its author would write it, one for each request. */
const SERVERS = {
  'SDK v1': () => async (request: InstanceRequest, response: import('node:http').ServerResponse) => {
    const server = new McpServerV1({ name: 'tools', version: '1' })
    server.registerTool('look', READ, () => answer('seen'))
    server.registerTool('note', WRITE, () => answer('noted'))
    server.registerTool('reset', {}, () => answer('gone'))
    server.registerPrompt('greet', {}, () => ({ messages: [] }))
    guardTools(server, link)
    const transport = new StreamableHTTPServerTransport()
    response.on('close', () => void server.close())
    await server.connect(transport)
    await transport.handleRequest(request, response)
  },
  'SDK v2': () => {
    const handler = createMcpHandler(() => {
      const server = new McpServerV2({ name: 'tools', version: '1' })
      server.registerTool('look', READ, () => answer('seen'))
      server.registerTool('note', WRITE, () => answer('noted'))
      server.registerTool('reset', {}, () => answer('gone'))
      server.registerPrompt('greet', {}, () => ({ messages: [] }))
      return guardTools(server, link)
    })
    return toNodeHandler(handler) as never
  },
  'SDK v2, low-level': () => {
    const tools = Object.entries({ look: READ, note: WRITE, reset: {} })
    const handler = createMcpHandler(() => {
      const server = new ServerV2({ name: 'tools', version: '1' }, { capabilities: { tools: {}, prompts: {} } })
      server.setRequestHandler('tools/list', () => ({
        tools: tools.map(([name, hints]) => ({ name, ...hints, inputSchema: { type: 'object' } })),
      }))
      const answers: Record<string, string> = { look: 'seen', note: 'noted', reset: 'gone' }
      server.setRequestHandler('tools/call', ({ params }) => answer(answers[params.name] ?? '?'))
      server.setRequestHandler('prompts/list', () => ({ prompts: [{ name: 'greet' }] }))
      server.setRequestHandler('prompts/get', () => ({ messages: [] }))
      return guardTools(server, link)
    })
    return toNodeHandler(handler) as never
  },
}
type Kind = keyof typeof SERVERS

beforeEach(async () => {
  forge = await startLoopbackForge()
  logged = []
  allow('owner')
  setRules([])
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

function allow(role: 'dashboard' | 'viewer' | 'member' | 'owner', readOnly = false): void {
  const level = { dashboard: 5, viewer: 10, member: 30, owner: 50 }[role]
  forge.answer = json(200, activeAnswer({}, { role: { name: role, level }, readOnly }))
}

function setRules(rules: ToolRule[]): void {
  forge.routes['GET /tool-rules'] = (_call, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ rules }))
}

async function serve(kind: Kind): Promise<void> {
  const log = () => undefined
  const resourceUrl = 'https://line3.example'
  const middleware = httpNodeMiddleware({ forgeUrl: forge.url, instanceToken: 'fft_secret', resourceUrl, log })
  link = middleware.link
  const handle = SERVERS[kind]() as (request: unknown, response: unknown) => Promise<void>
  served = await listen((request, response) => middleware(request, response, () => void handle(request, response)))
}

const REVISION = '2026-07-28'
const CLIENTS = {
  'client v1': connectV1,
  'client v2': connectV2,
  'client v2 of 2026-07-28': (url: string, token: string) => connectV2(url, token, { mode: { pin: REVISION } }),
}
async function connect(client: keyof typeof CLIENTS): Promise<McpClient> {
  return CLIENTS[client](`${served.url}/mcp`, TOKEN)
}

/** What reaches the forge when everything that was logged is sent. */
async function calls(): Promise<Pick<ReportedCall, 'tool' | 'outcome' | 'reason'>[]> {
  await link.calls.close()
  return logged.map(({ tool, outcome, reason }) => ({ tool, outcome, ...(reason ? { reason } : {}) }))
}

const everyPair = (Object.keys(SERVERS) as Kind[]).flatMap((kind) =>
  (Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])
    .filter((client) => kind !== 'SDK v1' || client !== 'client v2 of 2026-07-28')
    .map((client) => [kind, client] as const),
)

describe.each(everyPair)('guardTools on %s with %s', (kind, open) => {
  it.each([
    ['viewer', false, ['look']],
    ['member', false, ['look', 'note']],
    ['owner', false, ['look', 'note', 'reset']],
    ['owner', true, ['look']],
  ] as const)('lists and lets a %s (read-only: %s) call exactly %j', async (role, readOnly, expected) => {
    allow(role, readOnly)
    await serve(kind)
    const client = await connect(open)

    // Before anything was listed: the guard must ask the server itself.
    const callable = []
    for (const name of ['look', 'note', 'reset']) {
      if (
        await client.call(name).then(
          () => true,
          () => false,
        )
      )
        callable.push(name)
    }
    expect(callable).toEqual(expected)
    expect(await client.tools()).toEqual(expected)
  })

  it('says why, in words for a model, and logs what was called and what was refused', async () => {
    allow('member')
    await serve(kind)
    const client = await connect(open)

    expect(await client.call('note')).toMatchObject({ text: 'noted' })
    await expect(client.call('reset')).rejects.toThrow('needs the role owner; this token counts as member here')

    expect(await calls()).toEqual([
      { tool: 'note', outcome: 'ok' },
      { tool: 'reset', outcome: 'refused', reason: 'tool_role' },
    ])
    expect(logged[0]).toMatchObject({ server: '/mcp', client: 'forge-pat-demo 1', auditRef: 'tokenA.mac' })
  })

  it('obeys the owners of the team', async () => {
    const rule = { server: '/mcp', off: false, minimumRole: null, people: null, keepArguments: null }
    setRules([
      { ...rule, tool: 'look', off: true },
      { ...rule, tool: 'reset', minimumRole: 'viewer' },
    ])
    allow('viewer')
    await serve(kind)
    const client = await connect(open)

    expect(await client.tools()).toEqual(['reset'])
    await expect(client.call('look')).rejects.toThrow('The tool look is switched off')
    expect(await client.call('reset')).toMatchObject({ text: 'gone' })
  })

  it('refuses everything as long as nobody knows the rules', async () => {
    delete forge.routes['GET /tool-rules']
    await serve(kind)
    const client = await connect(open)

    await expect(client.call('look')).rejects.toMatchObject({ code: -32004 })
    await expect(client.tools()).rejects.toMatchObject({ code: -32004 })
  })
})

const call = (id: number, name: string) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } })

function modernCall(name: string) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': REVISION,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  return { ...call(1, name), params: { name, _meta } }
}

function modernHeaders(name: string) {
  return { 'mcp-protocol-version': REVISION, 'mcp-method': 'tools/call', 'mcp-name': name }
}

function send(body: unknown, more: Record<string, string> = {}): Promise<Response> {
  return sendText(JSON.stringify(body), more)
}

function sendText(body: string, more: Record<string, string> = {}): Promise<Response> {
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...more,
  }
  return fetch(`${served.url}/mcp`, { method: 'POST', headers, body })
}

describe.each(Object.keys(SERVERS) as Kind[])('guardTools on %s', (kind) => {
  const post = async (body: unknown) => (await send(body)).text()

  it('judges each call of a batch, also two of one id', async () => {
    allow('viewer')
    await serve(kind)

    const text = await post([call(1, 'look'), call(1, 'reset'), call(2, 'note')])

    expect(text).toContain('seen')
    expect(text).not.toMatch(/gone|noted/)
    expect((await calls()).map(({ tool, outcome }) => `${tool} ${outcome}`).sort()).toEqual([
      'look ok',
      'note refused',
      'reset refused',
    ])
  })

  it('logs a call whose arguments nest too deep to be kept', async () => {
    const keepArguments = { redact: ['password'] }
    setRules([{ server: '/mcp', tool: 'look', off: false, minimumRole: null, people: null, keepArguments }])
    await serve(kind)
    const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`

    const body = JSON.stringify(call(1, 'look')).replace('"name"', `"arguments":${deep},"name"`)
    await (await sendText(body)).text()

    expect(await calls()).toEqual([{ tool: 'look', outcome: 'ok' }])
  })

  it('shows a dashboard user no prompts', async () => {
    allow('dashboard')
    await serve(kind)

    const list = { jsonrpc: '2.0', id: 1, method: 'prompts/list', params: {} }
    expect(await post(list)).toContain('"prompts":[]')
    expect(await post({ ...list, method: 'prompts/get', params: { name: 'greet' } })).toContain('-32003')
  })

  it('goes by the body where headers of 2026-07-28 stand beside a body of the older era', async () => {
    allow('viewer')
    await serve(kind)

    const answered = await send(call(1, 'reset'), { 'mcp-method': 'tools/call', 'mcp-name': 'look' })

    expect(await answered.text()).not.toMatch(/gone|seen/)
  })
})

it.each([
  ['that the SDK takes for none', { requestId: 0 }, 0],
  ['that the SDK cannot read', { requestId: 1, reason: 5 }, 1],
])('guardTools shows nothing in a list after its cancellation %s', async (_what, params, id) => {
  allow('viewer')
  await serve('SDK v1')

  const answered = await send([
    { jsonrpc: '2.0', id, method: 'tools/list', params: {} },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params },
  ])

  expect(await answered.text()).toContain('"tools":[]')
})

describe.each(['SDK v2', 'SDK v2, low-level'] as const)('guardTools on %s, in 2026-07-28,', (kind) => {
  it('answers a call for which the scope is not enough with 403 and the scope, and logs it once', async () => {
    allow('owner', true)
    await serve(kind)

    const answered = await send(modernCall('note'), modernHeaders('note'))

    expect([answered.status, answered.headers.get('cache-control')]).toEqual([403, 'no-store'])
    expect(answered.headers.get('www-authenticate')).toMatch(
      /^Bearer error="insufficient_scope", .*scope="mcp:write", resource_metadata="https:\/\/line3\.example\/\.well-known/,
    )
    expect(await answered.json()).toMatchObject({ id: 1, error: { code: -32003, data: { rule: 'tool_read_only' } } })
    expect(await calls()).toEqual([{ tool: 'note', outcome: 'refused', reason: 'tool_read_only' }])
  })

  it('answers the request that it refuses, and none that comes with it', async () => {
    allow('owner', true)
    await serve(kind)

    const names = ['look', 'note', 'look', 'note', 'note', 'look']
    const answers = await Promise.all(names.map((name) => send(modernCall(name), modernHeaders(name))))

    expect(answers.map(({ status }) => status)).toEqual([200, 403, 200, 403, 403, 200])
  })

  it('sends nobody for a scope who lacks the role', async () => {
    allow('member')
    await serve(kind)

    const answered = await send(modernCall('reset'), modernHeaders('reset'))

    expect([answered.status, answered.headers.has('www-authenticate')]).toEqual([200, false])
    expect(await answered.json()).toMatchObject({ error: { code: -32003, data: { rule: 'tool_role' } } })
  })

  it.each([
    ['another tool', { 'mcp-name': 'look' }],
    ['another method', { 'mcp-method': 'tools/list' }],
  ])('runs nothing when the headers name %s', async (_what, changes) => {
    await serve(kind)

    const answered = await send(modernCall('reset'), { ...modernHeaders('reset'), ...changes })

    expect([answered.status, await answered.text()]).toEqual([400, expect.stringContaining('-32020')])
    expect(await calls()).toEqual([])
  })
})
