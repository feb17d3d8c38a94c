import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'

import type { ToolCallPage } from '../../../forge/contract/tool-calls.ts'
import { connectV1, connectV2, type McpClient } from '../../../scripts/demo/clients.ts'
import { httpEndpoint, mcpServer, tab, type Flow, type ToolSketch } from '../../../scripts/demo/flows.ts'
import { startNodeRed, type NodeRed } from '../../../scripts/demo/node-red.ts'
import { freePort } from '../../../scripts/demo/process.ts'
import { mintToken, openBrowser } from '../../support/builders.ts'
import { listen, type Listening } from '../support/listen.ts'
import { startForge } from '../../support/forge.ts'
import { startForgeWithTeam, type ForgeWithTeam } from '../support/team.ts'

const CLIENTS = [
  ['v1', connectV1],
  ['v2', connectV2],
] as const

const TOOLS: ToolSketch[] = [
  {
    name: 'whoami',
    title: 'Who am I',
    description: 'Says who calls.',
    effect: 'read',
    code: `
      const { user, team, readOnly } = msg._client
      msg.payload = { user, team, readOnly }
      setTimeout(() => node.send(msg), Math.random() * 20)`,
  },
  {
    name: 'note',
    title: '',
    description: 'Writes a note.',
    effect: 'write',
    properties: { text: { type: 'string' } },
    required: ['text'],
    code: 'msg.payload = `${msg._client.user.username}: ${msg.payload.text}`; return msg',
  },
  { name: 'reset', title: '', description: 'Resets.', effect: 'destroy', code: 'msg.payload = "done"; return msg' },
  {
    name: 'everything',
    title: '',
    description: 'Shows the whole message.',
    effect: 'read',
    code: 'msg.payload = JSON.stringify(msg) + Object.isFrozen(msg._client); return msg',
  },
  { name: 'silent', title: '', description: 'Never answers.', effect: 'read', timeout: 0.5, code: 'return null' },
  { name: 'slow', title: '', description: 'Answers too late.', effect: 'read', timeout: 60, code: 'return null' },
  {
    name: 'broken',
    title: '',
    description: 'Reports an error.',
    effect: 'read',
    code: 'msg.error = "no such line"; return msg',
  },
  {
    name: 'held',
    title: '',
    description: 'Answers when it is let go.',
    effect: 'read',
    code: `
      flow.set('held', true)
      const look = setInterval(() => { if (!flow.get('held')) { clearInterval(look); node.send(msg) } }, 20)`,
  },
]

const FLOWS: Flow = [
  ...tab('Line 3'),
  ...mcpServer('mcp', { name: 'Line 3', path: '/mcp' }, TOOLS),
  ...httpEndpoint(
    'who',
    { method: 'get', url: '/who' },
    `msg.payload = {
       user: msg.req.user, sessionUser: msg.req.session.user, tokenId: msg.req.auth.extra.tokenId,
       headers: msg.req.headers, raw: msg.req.rawHeaders }
     return msg`,
  ),
  ...httpEndpoint('is-held', { method: 'get', url: '/held' }, `msg.payload = String(flow.get('held')); return msg`),
  ...httpEndpoint('let-go', { method: 'post', url: '/let-go' }, `flow.set('held', false); return msg`),
  ...httpEndpoint('write', { method: 'post', url: '/write' }, 'msg.payload = msg.req.user.username; return msg'),
]

/** A node of somebody else, which knows nothing of httpNodeMiddleware. */
const RAW_ROUTE = {
  js: `module.exports = (RED) => {
    RED.httpNode.get('/raw', (req, res) => res.json({ user: req.user ?? null }))
    RED.nodes.registerType('raw route', function (config) { RED.nodes.createNode(this, config) })
  }`,
  html: '<script type="text/html" data-template-name="raw route"></script>',
}

async function start(settings: string, options: { port?: number; flows?: Flow; env?: Record<string, string> } = {}) {
  const userDir = await mkdtemp(join(tmpdir(), 'forge-nr-'))
  await mkdir(join(userDir, 'nodes'))
  await writeFile(join(userDir, 'nodes', 'raw.js'), RAW_ROUTE.js)
  await writeFile(join(userDir, 'nodes', 'raw.html'), RAW_ROUTE.html)
  const { port = await freePort(), flows = FLOWS, env = {} } = options

  const nodeRed = await startNodeRed({ userDir, port, flows, settings, env })
  const stop = async () => {
    await nodeRed.stop()
    await rm(userDir, { recursive: true, force: true })
  }
  return { ...nodeRed, stop }
}

let team: ForgeWithTeam
let nodeRed: NodeRed
let gate: Gate
let aliceToken: string
let bobToken: string

beforeAll(async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  team = await startForgeWithTeam(url)
  gate = await openGate(team.forge.url)
  nodeRed = await start(`forgePat: ${JSON.stringify(options(url, gate.url))}`, { port })
  aliceToken = await team.mint(team.alice, { role: 'owner' })
  bobToken = await team.mint(team.bob, { role: 'viewer' })
})
afterAll(async () => {
  await nodeRed.stop()
  await gate.close()
  await team.forge.close()
})

function options(resourceUrl: string, forgeUrl = gate.url) {
  return { forgeUrl, resourceUrl, instanceId: team.instance.id, instanceToken: team.instance.credential }
}

/** Stands between instance and forge, so that the forge can be away and come back at the same address. */
interface Gate extends Listening {
  /** How often the forge was asked about a token. */
  asked(): number
  shut(): Promise<void>
  open(): Promise<void>
}

async function openGate(forgeUrl: string): Promise<Gate> {
  let asked = 0
  const relay = async (request: IncomingMessage, response: ServerResponse) => {
    const { authorization = '', 'content-type': type = '' } = request.headers
    const { method = 'GET' } = request
    if (request.url?.endsWith('/introspect')) asked++
    const body = await text(request)
    const answer = await fetch(forgeUrl + (request.url ?? ''), {
      method,
      headers: { authorization, ...(type ? { 'content-type': type } : {}) },
      ...(body === '' ? {} : { body }),
    })
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    // As it comes: the stream of events does not end.
    for await (const chunk of answer.body ?? []) response.write(chunk)
    response.end()
  }
  const start = (port?: number) =>
    listen((request, response) => void relay(request, response).catch(() => response.destroy()), port)

  let listening = await start()
  const { url } = listening
  return {
    url,
    asked: () => asked,
    shut: () => listening.close(),
    open: async () => void (listening = await start(Number(new URL(url).port))),
    close: () => listening.close(),
  }
}

async function connect(open: typeof connectV1, token: string | null, path = '/mcp'): Promise<McpClient> {
  const client = await open(nodeRed.url + path, token)
  onTestFinished(() => client.close())
  return client
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe.each(CLIENTS)('the official MCP client %s', (_, open) => {
  it('gets an answer that names the person and the effective role', async () => {
    const client = await connect(open, bobToken)

    expect((await client.call('whoami')).data).toEqual({
      user: {
        userId: team.bob.id,
        username: 'bob',
        name: 'Bob',
        email: 'bob@example.com',
        image: '',
        role: 'viewer',
      },
      team: { id: team.instance.teamId, slug: 'line-3', name: 'Line 3' },
      readOnly: false,
    })
  })

  it('is offered what the role allows', async () => {
    expect(await (await connect(open, aliceToken)).tools()).toEqual(TOOLS.map(({ name }) => name))
    expect(await (await connect(open, bobToken)).tools()).not.toContain('note')
  })

  it('is refused a tool that it was not offered, and told why', async () => {
    const client = await connect(open, bobToken)

    await expect(client.call('reset')).rejects.toMatchObject({
      code: -32003,
      message: expect.stringContaining('needs the role owner; this token counts as viewer here') as string,
    })
  })

  it('gets in neither without a token nor with one that does not exist', async () => {
    await expect(open(`${nodeRed.url}/mcp`, null)).rejects.toThrow()
    const unknown = aliceToken.slice(0, -10) + bobToken.slice(-10)
    await expect(open(`${nodeRed.url}/mcp`, unknown)).rejects.toThrow()
  })
})

it('never mixes two people up in 200 interleaved calls', async () => {
  const alice = await connect(connectV1, aliceToken)
  const bob = await connect(connectV2, bobToken)

  const seen = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const [client, expected] = n % 2 === 0 ? [alice, 'alice'] : [bob, 'bob']
      const { data } = await client.call('whoami')
      return { expected, got: (data as { user: { username: string } }).user.username }
    }),
  )

  expect(seen.filter(({ expected, got }) => expected !== got)).toEqual([])
})

describe('an MCP tool', () => {
  it('that writes is closed to a read-only token, whatever its role', async () => {
    const client = await connect(connectV1, await team.mint(team.alice, { role: 'owner', readOnly: true }))

    expect(await client.tools()).toEqual(['whoami', 'everything', 'silent', 'slow', 'broken', 'held'])
    await expect(client.call('note', { text: 'x' })).rejects.toThrow('this token is read-only')
  })

  it('that writes is open to a member', async () => {
    const client = await connect(connectV1, await team.mint(team.bob, { role: 'member' }))

    expect(await client.call('note', { text: 'hello' })).toMatchObject({ text: 'bob: hello', isError: false })
  })

  it('does not see arguments that do not fit its schema', async () => {
    const client = await connect(connectV1, aliceToken)

    expect(await client.call('note', { text: 7 })).toMatchObject({
      isError: true,
      text: 'The arguments do not fit the input schema: text must be string.',
    })
  })

  it('sees who calls and nothing of the token', async () => {
    const answer = await (await connect(connectV1, aliceToken)).call('everything')

    expect(answer.text).toContain('"username":"alice"')
    expect(answer.text).not.toMatch(/ffpat_|authorization/i)
    expect(answer.text).toMatch(/true$/)
  })

  it('that does not answer ends as an error that says so', async () => {
    expect(await (await connect(connectV1, aliceToken)).call('silent')).toMatchObject({
      isError: true,
      text: expect.stringContaining('did not answer within 0.5 seconds') as string,
    })
  })

  it('may report an error', async () => {
    expect(await (await connect(connectV1, aliceToken)).call('broken')).toMatchObject({
      isError: true,
      text: 'no such line',
    })
  })

  it('that does not exist is a protocol error', async () => {
    await expect((await connect(connectV1, aliceToken)).call('nothing')).rejects.toMatchObject({ code: -32602 })
  })
})

describe('the MCP endpoint', () => {
  it.each(['GET', 'DELETE', 'PUT'])('does not answer %s', async (method) => {
    const response = await fetch(`${nodeRed.url}/mcp`, { method, headers: bearer(aliceToken) })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  })

  it('challenges whoever has no token, and says where its metadata is', async () => {
    const response = await fetch(`${nodeRed.url}/mcp`, { method: 'POST' })
    const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '') ?? []

    expect(response.status).toBe(401)
    expect(await (await fetch(metadata)).json()).toMatchObject({
      resource: `${nodeRed.url}/mcp`,
      authorization_servers: [gate.url],
    })
  })

  it('does not answer the pages of other origins', async () => {
    const headers = { ...bearer(aliceToken), origin: 'https://evil.example' }

    expect((await fetch(`${nodeRed.url}/mcp`, { method: 'POST', headers })).status).toBe(403)
  })

  it('does not read a body of more than four megabytes', async () => {
    const headers = {
      ...bearer(aliceToken),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    const response = await fetch(`${nodeRed.url}/mcp`, { method: 'POST', headers, body: `"${'x'.repeat(5_000_000)}"` })

    expect(response.status).toBe(413)
  })
})

describe('a request of MCP', () => {
  const call = (id: number, name: string, more: object = {}) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, ...more },
  })
  const post = (token: string, body: unknown, more: Record<string, string> = {}, signal?: AbortSignal) => {
    const kinds = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    const headers = { ...bearer(token), ...kinds, ...more }
    const init = { method: 'POST', headers, body: JSON.stringify(body), ...(signal ? { signal } : {}) }
    return fetch(`${nodeRed.url}/mcp`, init)
  }
  const modern = (name: string) => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    return call(1, name, { _meta })
  }
  const modernHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call' }

  it('that is a batch gets for each call what that call gets', async () => {
    const answered = await post(bobToken, [call(1, 'broken'), call(2, 'reset'), call(3, 'note')])
    const answers = (await answered.json()) as { id: number; error?: { code: number }; result?: object }[]

    expect(answers.filter(({ result }) => result).map(({ id }) => id)).toEqual([1])
    expect(answers.filter(({ error }) => error?.code === -32003).map(({ id }) => id)).toEqual([2, 3])
  })

  it.each([
    ['the scope is not enough', { 'mcp-name': 'note' }, 403, /"rule":"tool_read_only"/],
    ['its headers name another tool', { 'mcp-name': 'whoami' }, 400, /-32020/],
    ['its headers name another method', { 'mcp-name': 'note', 'mcp-method': 'tools/list' }, 400, /-32020/],
    ['its headers name no tool', {}, 400, /-32020/],
  ])('of 2026-07-28 is refused when %s', async (_what, headers, status, body) => {
    const readOnly = await team.mint(team.alice, { role: 'owner', readOnly: true })

    const answered = await post(readOnly, modern('note'), { ...modernHeaders, ...headers })

    expect([answered.status, await answered.text()]).toEqual([status, expect.stringMatching(body)])
    const challenge = answered.headers.get('www-authenticate')
    if (status === 403) expect(challenge).toMatch(/^Bearer error="insufficient_scope", .*scope="mcp:write"/)
    else expect(challenge).toBeNull()
  })

  it('that names a session is refused, with whichever token: there are none', async () => {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
    const opened = await post(aliceToken, { jsonrpc: '2.0', id: 1, method: 'initialize', params })
    expect([opened.status, opened.headers.has('mcp-session-id')]).toEqual([200, false])

    for (const token of [aliceToken, bobToken]) {
      const answered = await post(token, call(1, 'whoami'), { 'mcp-session-id': 'a-session-of-alice' })
      expect([answered.status, await answered.json()]).toMatchObject([404, { error: 'session_not_found' }])
    }
  })

  it('whose caller goes before the answer is logged as what the flow made of it', async () => {
    const { id, token } = await mintToken(team.forge, { user: team.alice, instance: team.instance, readOnly: false })
    const going = new AbortController()
    post(token, call(1, 'held'), {}, going.signal).catch(() => undefined)
    const isHeld = async () => (await fetch(`${nodeRed.url}/held`, { headers: bearer(bobToken) })).text()
    await vi.waitFor(async () => expect(await isHeld()).toBe('true'), { timeout: 20_000 })

    going.abort()
    await fetch(`${nodeRed.url}/let-go`, { method: 'POST', headers: bearer(aliceToken) })

    const browser = await openBrowser(team.forge, team.alice)
    const logged = async () => (await browser('GET', `/api/v1/tokens/${id}/calls`)).json<ToolCallPage>().calls
    await vi.waitFor(async () => expect(await logged()).toMatchObject([{ tool: 'held', outcome: 'ok' }]), {
      timeout: 20_000,
    })
  })
})

describe('other routes of the instance', () => {
  it('an http in node sees who calls, without a cookie, and no token', async () => {
    const response = await fetch(`${nodeRed.url}/who`, { headers: bearer(bobToken) })
    const body = await response.text()

    expect(JSON.parse(body)).toMatchObject({
      user: { username: 'bob', role: 'viewer' },
      sessionUser: { username: 'bob', role: 'viewer' },
    })
    expect(body).not.toMatch(/ffpat_|authorization/i)
    expect(response.headers.has('set-cookie')).toBe(false)
  })

  it('a read-only token may not post to them', async () => {
    const readOnly = await team.mint(team.alice, { role: 'owner', readOnly: true })

    expect((await fetch(`${nodeRed.url}/write`, { method: 'POST', headers: bearer(readOnly) })).status).toBe(403)
    expect((await fetch(`${nodeRed.url}/write`, { method: 'POST', headers: bearer(aliceToken) })).status).toBe(200)
  })

  it("a route that somebody else's node has registered is guarded too", async () => {
    expect((await fetch(`${nodeRed.url}/raw`)).status).toBe(401)
    const response = await fetch(`${nodeRed.url}/raw`, { headers: bearer(bobToken) })
    expect(await response.json()).toMatchObject({ user: { username: 'bob' } })
  })

  it('a path where nothing is asks for a token first', async () => {
    expect((await fetch(`${nodeRed.url}/nothing`)).status).toBe(401)
    expect((await fetch(`${nodeRed.url}/nothing`, { headers: bearer(bobToken) })).status).toBe(404)
  })
})

describe('without the forge', () => {
  it('known callers go on, unknown ones get 503, and all is well when it returns', async () => {
    const known = await team.mint(team.alice, { role: 'viewer' })
    const unknown = await team.mint(team.alice, { role: 'viewer' })
    const status = async (token: string) => (await fetch(`${nodeRed.url}/who`, { headers: bearer(token) })).status
    // Just after something was pushed about a token, what the forge says of it is believed for a moment only.
    await vi.waitFor(
      async () => {
        const before = gate.asked()
        expect(await status(known)).toBe(200)
        expect(gate.asked()).toBe(before)
      },
      { interval: 300, timeout: 10_000 },
    )

    await gate.shut()
    expect(await status(known)).toBe(200)
    const refused = await fetch(`${nodeRed.url}/who`, { headers: bearer(unknown) })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await status(`${known}x`)).toBe(401)

    await gate.open()
    expect(await status(unknown)).toBe(200)
    expect(nodeRed.output()).toContain('The forge cannot be reached')
    expect(nodeRed.output()).toContain('The forge answers again.')
  })
})

describe('a deploy', () => {
  const deploy = async (url: string, flows: Flow) => {
    const headers = { 'content-type': 'application/json', 'node-red-deployment-type': 'full' }
    const response = await fetch(`${url}/admin/flows`, { method: 'POST', headers, body: JSON.stringify(flows) })
    expect(response.status).toBe(204)
  }
  const post = async (url: string) => (await fetch(url, { method: 'POST', headers: bearer(aliceToken) })).status

  it('ends calls that are under way, moves servers, and complains of two with one path or one name', async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const own = await start(`forgePat: ${JSON.stringify(options(url))}`, { port })
    onTestFinished(own.stop)
    const client = await connectV1(`${url}/mcp`, aliceToken)
    onTestFinished(() => client.close())
    const underWay = client.call('slow')
    await client.call('whoami') // by now the call before it has reached the flow

    await deploy(url, [
      ...tab('Line 3'),
      ...mcpServer(
        'a',
        { name: 'A', path: '/moved' },
        [TOOLS[0], TOOLS[0]].filter((tool) => tool !== undefined),
      ),
      ...mcpServer('b', { name: 'B', path: '/moved/' }, []),
      ...mcpServer('c', { name: 'C', path: '/second' }, TOOLS.slice(0, 1)),
    ])

    expect(await underWay).toMatchObject({
      isError: true,
      text: expect.stringContaining('changed or stopped') as string,
    })
    // Node-RED answers a deploy before it has started the new flows.
    await vi.waitFor(() => expect(own.output().match(/Started flows/g)).toHaveLength(2), { timeout: 30_000 })
    expect(await post(`${url}/mcp`)).toBe(404)
    expect(await (await connectV1(`${url}/moved`, aliceToken)).tools()).toEqual(['whoami'])
    expect(await (await connectV1(`${url}/second`, aliceToken)).tools()).toEqual(['whoami'])
    expect(own.output()).toContain('This server has another tool with the name whoami.')
    expect(own.output()).toContain('Another MCP server has the path /moved/.')
  })
})

describe('the configuration', () => {
  it('may be a middleware in a CommonJS settings file, below an httpNodeRoot', async () => {
    const port = await freePort()
    const root = `http://127.0.0.1:${port}`
    const own = await start(
      `httpNodeRoot: '/nodes',
       httpNodeCors: { origin: 'https://app.example', methods: 'GET' },
       httpNodeMiddleware: require('forge-pat/instance').httpNodeMiddleware(${JSON.stringify(options(`${root}/nodes`))})`,
      { port },
    )
    onTestFinished(own.stop)

    const client = await connectV1(`${root}/nodes/mcp`, aliceToken)
    onTestFinished(() => client.close())
    expect((await client.call('whoami')).data).toMatchObject({ user: { username: 'alice' } })
    expect((await fetch(`${root}/nodes/raw`)).status).toBe(401)
    expect(await (await fetch(`${root}/.well-known/oauth-protected-resource/nodes/mcp`)).json()).toMatchObject({
      resource: `${root}/nodes/mcp`,
    })

    const headers = { origin: 'https://app.example', 'access-control-request-method': 'GET' }
    const preflight = await fetch(`${root}/nodes/who`, { method: 'OPTIONS', headers })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, headers.origin])
    expect((await fetch(`${root}/nodes/who`, { method: 'OPTIONS' })).status).toBe(401)
  })

  it('may be what a FlowFuse launcher puts into the settings, whose own check gets everything else', async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const { instanceId: projectID, instanceToken: token } = options(url)
    // The same forge as it stands beside a FlowFuse, whose address is all that the launcher knows.
    const beside = await startForge({ listen: true, mountPath: '/pat', db: team.forge.db, empty: true })
    onTestFinished(() => beside.close())
    const forgeURL = new URL(beside.url).origin
    const own = await start(
      `flowforge: ${JSON.stringify({ forgeURL, projectID })},
       httpStorage: ${JSON.stringify({ token })},
       adminAuth: {
         type: 'strategy',
         strategy: {
           name: 'FlowFuse',
           strategy: class { name = 'FlowFuse' },
           options: { callbackURL: '${url}/auth/strategy/callback' },
         },
         users: async () => null,
       },
       httpNodeMiddleware: [
         (req, res, next) => (req.session?.ffSession ? next() : next(new Error('sign in'))),
         (error, req, res, next) => res.status(418).end(error.message),
       ]`,
      { port },
    )
    onTestFinished(own.stop)

    expect((await fetch(`${url}/who`, { headers: bearer(aliceToken) })).status).toBe(200)
    expect((await fetch(`${url}/who`, { headers: { accept: 'text/html' } })).status).toBe(418)
    expect((await fetch(`${url}/raw`, { headers: bearer('ffhttp_other') })).status).toBe(418)
    expect((await fetch(`${url}/raw`)).status).toBe(401)
    expect(own.output()).toContain('of the settings file decides alone')
  })

  it('is needed: without it every request is refused, and the log says what is missing', async () => {
    const own = await start('')
    onTestFinished(own.stop)

    expect((await fetch(`${own.url}/raw`, { headers: bearer(aliceToken) })).status).toBe(503)
    expect(own.output()).toContain('FORGE_RESOURCE_URL) is missing')
  })

  it('may switch the guard off, and then MCP still answers nobody whom it does not know', async () => {
    const own = await start('forgePat: { guard: false }')
    onTestFinished(own.stop)

    expect((await fetch(`${own.url}/raw`)).status).toBe(200)
    expect((await fetch(`${own.url}/mcp`, { method: 'POST', headers: bearer(aliceToken) })).status).toBe(401)
  })
})
