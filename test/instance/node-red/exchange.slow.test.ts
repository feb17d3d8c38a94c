import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it, vi } from 'vitest'

import type { Caller } from '../../../instance/index.ts'
import { connectV1, connectV2 } from '../../../scripts/demo/clients.ts'
import { httpEndpoint, mcpServer, tab, type Flow, type ToolSketch } from '../../../scripts/demo/flows.ts'
import { startNodeRed, type NodeRed } from '../../../scripts/demo/node-red.ts'
import { freePort } from '../../../scripts/demo/process.ts'
import { createInstance, mintToken, openBrowser, type TestInstance } from '../../support/builders.ts'
import { startForgeWithTeam, type ForgeWithTeam } from '../support/team.ts'

/** Two Node-REDs: flows on Press (A) call the MCP server and an endpoint of Packer (B) as whoever calls Press. */
let team: ForgeWithTeam
let packer: TestInstance
let a: NodeRed
let b: NodeRed
let folders: string[]

const WHOAMI: ToolSketch = {
  name: 'who',
  title: '',
  description: 'Says who calls.',
  effect: 'read',
  code: 'msg.payload = msg._client; return msg',
}
const NOTE: ToolSketch = { ...WHOAMI, name: 'note', description: 'Writes.', effect: 'write' }

const ON_B: Flow = [
  ...tab('Packer'),
  ...mcpServer('mcp', { name: 'Packer', path: '/mcp' }, [WHOAMI, NOTE]),
  ...httpEndpoint(
    'who',
    { method: 'get', url: '/who' },
    'msg.payload = { user: msg.req.user, act: msg.req.auth.extra.act }; return msg',
  ),
]

/** As an author wires it: the caller, `forge token`, `http request`, the answer; and mistakes to the same answer. */
function flowsOnA(packerUrl: string): Flow {
  const place = { z: 'tab', name: '', x: 0, y: 0 }
  const token = (id: string, next: string, config: object = {}) => ({
    ...{ id, type: 'forge-token', ...place, resource: packerUrl, readOnly: false, wires: [[next]] },
    ...config,
  })
  const request = (id: string, next: string) => ({
    ...{ id, type: 'http request', ...place, method: 'use', ret: 'obj', paytoqs: 'ignore', url: '', tls: '' },
    ...{ persist: false, proxy: '', insecureHTTPParser: false, authType: '', senderr: false, headers: [] },
    wires: [[next]],
  })
  const code = (id: string, func: string, next: string) => ({
    ...{ id, type: 'function', ...place, func, outputs: 1, timeout: 0, libs: [], wires: [[next]] },
  })
  const catching = (id: string, scope: string[], next: string) => [
    { id, type: 'catch', ...place, scope, uncaught: false, wires: [[`${id}-code`]] },
    code(`${id}-code`, 'msg.payload = { failed: msg.error.message }; msg.error = undefined; return msg', next),
  ]
  const httpIn = (id: string, next: string) => [
    { id, type: 'http in', ...place, url: `/${id}`, method: 'get', upload: false, wires: [[next]] },
    { id: `${id}-out`, type: 'http response', ...place, statusCode: '', headers: {}, wires: [] },
  ]
  const call = (tool: string) =>
    `msg.url = '${packerUrl}/mcp'; msg.method = 'POST'
     msg.headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
     msg.payload = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: '${tool}', arguments: {} } }
     return msg`
  const answer = 'msg.payload = msg.payload.result?.structuredContent ?? msg.payload; delete msg.headers; return msg'

  return [
    ...tab('Press'),
    { id: 'mcp', type: 'forge-mcp-server', name: 'Press', path: '/mcp', whoami: false },
    ...['who', 'note'].flatMap((tool) => [
      {
        ...{ id: `${tool}-tool`, type: 'forge-mcp-tool', ...place, server: 'mcp', name: `ask_${tool}`, title: '' },
        ...{ description: '', effect: 'read', idempotent: false, openWorld: false, timeout: 30, inputSchema: '' },
        wires: [[`${tool}-ask`]],
      },
      code(`${tool}-ask`, call(tool), `${tool}-token`),
      token(`${tool}-token`, `${tool}-request`, { readOnly: tool === 'note' }),
      request(`${tool}-request`, `${tool}-answer`),
      code(`${tool}-answer`, answer, 'result'),
    ]),
    { id: 'result', type: 'forge-mcp-result', ...place, wires: [] },

    ...httpIn('relay', 'relay-ask'),
    code('relay-ask', `msg.url = '${packerUrl}/who'; msg.method = 'GET'; return msg`, 'relay-token'),
    token('relay-token', 'relay-request'),
    request('relay-request', 'relay-again'),
    // The message now carries the headers of an answer; they must not be sent on.
    code('relay-again', 'msg.first = msg.payload; return msg', 'relay-token-2'),
    token('relay-token-2', 'relay-show'),
    code(
      'relay-show',
      'msg.payload = { first: msg.first, sent: msg.headers }; msg.headers = {}; return msg',
      'relay-out',
    ),

    ...httpIn('dynamic', 'dynamic-name'),
    code('dynamic-name', 'msg.resource = msg.req.query.resource; return msg', 'dynamic-token'),
    token('dynamic-token', 'dynamic-show', { resource: '' }),
    code('dynamic-show', 'msg.payload = Object.keys(msg.headers); msg.headers = {}; return msg', 'dynamic-out'),
    ...catching('dynamic-catch', ['dynamic-token'], 'dynamic-out'),
  ]
}

const settings = ({ id, credential, url }: TestInstance, forgeUrl: string) =>
  `forgePat: ${JSON.stringify({ forgeUrl, resourceUrl: url, instanceId: id, instanceToken: credential })},
   logging: { console: { level: 'trace' } }`

beforeAll(async () => {
  const ports = [await freePort(), await freePort()] as const
  const [urlA, urlB] = ports.map((port) => `http://127.0.0.1:${port}`) as [string, string]
  team = await startForgeWithTeam(urlA)
  const application = { id: team.instance.applicationId, name: '', teamId: team.instance.teamId }
  packer = await createInstance(team.forge, { application, name: 'packer', url: urlB })
  folders = [await mkdtemp(join(tmpdir(), 'forge-nr-')), await mkdtemp(join(tmpdir(), 'forge-nr-'))]
  const start = (index: number, instance: TestInstance, flows: Flow) =>
    startNodeRed({
      userDir: String(folders[index]),
      port: Number(ports[index]),
      flows,
      settings: settings(instance, team.forge.url),
    })
  ;[a, b] = await Promise.all([start(0, team.instance, flowsOnA(urlB)), start(1, packer, ON_B)])
})
afterAll(async () => {
  await Promise.all([a.stop(), b.stop()])
  await team.forge.close()
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

const mint = () =>
  mintToken(team.forge, {
    user: team.alice,
    instance: team.instance,
    role: 'member',
    readOnly: false,
    grants: [{ type: 'team', id: team.instance.teamId }],
  })

const get = async <T>(url: string, token: string): Promise<T> =>
  (await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json()) as T

it.each([
  ['v1', connectV1],
  ['v2', connectV2],
])('calls a tool of another instance as the caller of its own tool, %s', async (_, connect) => {
  const client = await connect(`${a.url}/mcp`, (await mint()).token)

  const { data } = await client.call('ask_who')
  const noted = await client.call('ask_note')
  await client.close()

  expect(data).toMatchObject({
    user: { userId: team.alice.id, username: 'alice', role: 'member' },
    readOnly: false,
    act: { sub: team.instance.id },
  })
  // Its node asks only to read, and the tool of the other instance writes.
  expect(noted.data).toMatchObject({ error: { data: { rule: 'tool_read_only' } } })
})

interface Relayed {
  first: { user: Caller['user']; act: Caller['act'] }
  sent: Record<string, string>
}

it('calls an endpoint of another instance as the caller of its own, until the token of the caller is revoked', async () => {
  const { id, token } = await mint()

  const { first, sent } = await get<Relayed>(`${a.url}/relay`, token)

  expect(first).toMatchObject({ user: { userId: team.alice.id }, act: { sub: team.instance.id } })
  expect(sent).toEqual({ authorization: expect.stringMatching(/^Bearer ffpat_/) as string })
  const exchanged = String(sent['authorization']).slice('Bearer '.length)
  expect(await get(`${b.url}/who`, exchanged)).toMatchObject({ user: { username: 'alice' } })

  const browser = await openBrowser(team.forge, team.alice)
  await browser('DELETE', `/api/v1/tokens/${id}`)

  await vi.waitFor(async () => expect(await get(`${b.url}/who`, exchanged)).toMatchObject({ error: 'invalid_token' }), {
    timeout: 15_000,
  })
  await vi.waitFor(async () => expect(await get(`${a.url}/relay`, token)).toMatchObject({ error: 'invalid_token' }), {
    timeout: 15_000,
  })
})

it('takes the address from the message where the node names none, and reports refusals to a catch node', async () => {
  const { token } = await mint()
  const ask = (resource: string) => get(`${a.url}/dynamic?resource=${encodeURIComponent(resource)}`, token)

  expect(await ask(packer.url)).toEqual(['authorization'])
  expect(await ask('https://elsewhere.example.com')).toEqual({ failed: expect.stringMatching(/no other instance/) })
  expect(await ask('')).toEqual({ failed: expect.stringMatching(/Which instance is to be called/) })
})

it('writes neither token into the log, or a file of Node-RED', async () => {
  const { token } = await mint()
  const { sent } = await get<Relayed>(`${a.url}/relay`, token)

  const files = await Promise.all(
    folders.map(async (folder) => {
      const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile())
      return Promise.all(names.map(({ name }) => readFile(join(folder, name), 'utf8')))
    }),
  )
  const kept = [a.output(), b.output(), ...files.flat()].join('\n')
  for (const text of [token, String(sent['authorization'])]) expect(kept).not.toContain(text.slice(-49))
  expect(kept).toContain('[trace]')
})
