import { randomUUID } from 'node:crypto'

import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ROLE_LEVELS } from '../../../forge/contract/role-levels.ts'
import type { ToolCall, ToolCallPage } from '../../../forge/contract/tool-calls.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import { createSecretGuard, generateSecret } from '../../../forge/tokens/secret.ts'
import { httpNodeMiddleware, type ForgeLink } from '../../../instance/index.ts'
import { callerFrom, guardTools } from '../../../instance/mcp/index.ts'
import { connectV1, connectV2, type McpClient } from '../../../scripts/demo/clients.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  openBrowser,
  type Browser,
} from '../../support/builders.ts'
import { freePort, startForge, type TestForge } from '../../support/forge.ts'
import { listen, type Listening } from '../support/listen.ts'

const PEOPLE = 200
const CALLS_EACH = 20
/** Called by an official client, half of them by each; the others by plain requests, which are ten times as fast. */
const WITH_CLIENT = 10
const AT_ONCE = 16
const HELLO = { name: 'hello', inputSchema: { type: 'object' as const }, annotations: { readOnlyHint: true } }

let forge: TestForge
let owner: Browser
let teamId: string
let served: Listening
let link: ForgeLink
let people: Caller[]

/** A person with a token, and whichever way they call. */
interface Caller {
  user: { id: string; username: string }
  tokenId: string
  /** Says hello by the tool, in the name of the person. @returns as whom the tool has seen them */
  hello(n: number): Promise<string>
}

beforeAll(async () => {
  forge = await startForge({ listen: true })
  const port = await freePort()
  const boss = await createUser(forge, { username: 'boss' })
  const team = await createTeam(forge, { owner: boss })
  const application = await createApplication(forge, { team })
  const instance = await createInstance(forge, { application, url: `http://127.0.0.1:${port}` })
  teamId = team.id
  owner = await openBrowser(forge, boss)

  // What a caller says of themselves is kept, so that each row can be held against it.
  const keep = { server: '/mcp', off: false, minimumRole: null, people: null, keepArguments: { redact: [] } }
  const saved = await owner('PUT', `/api/v1/instances/${instance.id}/tool-rules`, {
    rules: [{ ...keep, tool: 'hello' }],
  })
  expect(saved.statusCode, saved.body).toBe(200)
  await serve(instance, port)

  const members = await settlePeople(team, instance)
  people = await Promise.all(
    members.map(async ({ text, ...member }, n) => ({ ...member, hello: await wayOf(n, text) })),
  )
})
afterAll(async () => {
  await link.close()
  await served.close()
  await forge.close()
})

/** Members who hold a token each. Written in one go: two hundred times minting is not what is asked here. */
async function settlePeople(team: { id: string }, instance: { id: string }) {
  const guard = createSecretGuard(forge.keys)
  const members = await Promise.all(
    Array.from({ length: PEOPLE }, async (_, n) => {
      const { selector, secret, text } = generateSecret()
      const user = { id: randomUUID(), username: `person-${n}` }
      return { user, tokenId: randomUUID(), selector, stored: await guard.protect(secret), text }
    }),
  )

  const { User, Member } = forge.store
  const { Token, Grant } = defineTokenModels(forge.db)
  await User.bulkCreate(
    members.map(({ user: { id, username } }) => ({
      id,
      username,
      name: username,
      email: `${username}@example.com`,
      admin: false,
      passwordHash: 'none',
    })),
  )
  await Member.bulkCreate(
    members.map(({ user }, n) => ({
      teamId: team.id,
      userId: user.id,
      roleLevel: ROLE_LEVELS[n % 2 === 0 ? 'viewer' : 'member'],
    })),
  )
  await Token.bulkCreate(
    members.map(({ user, tokenId, selector, stored }) => ({
      ...stored,
      id: tokenId,
      familyId: tokenId,
      selector,
      userId: user.id,
      teamId: team.id,
      name: 'a token',
      description: '',
      roleLevel: ROLE_LEVELS.viewer,
      readOnly: true,
      expiresAt: new Date(Date.now() + 3_600_000),
    })),
  )
  await Grant.bulkCreate(
    members.map(({ tokenId }) => ({ tokenId, type: 'instance', targetId: instance.id, inOneTeam: true })),
  )
  return members
}

async function serve({ id, url, credential }: { id: string; url: string; credential: string }, port: number) {
  const middleware = httpNodeMiddleware({
    forgeUrl: forge.url,
    instanceId: id,
    instanceToken: credential,
    resourceUrl: url,
    log: () => undefined,
  })
  link = middleware.link
  const handle = toNodeHandler(createMcpHandler(buildServer)) as (request: unknown, response: unknown) => unknown
  served = await listen(
    (request, response) => middleware(request, response, () => void handle(request, response)),
    port,
  )
}

function buildServer(): Server {
  const server = new Server({ name: 'greeter', version: '1' }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => ({ tools: [HELLO] }))
  server.setRequestHandler('tools/call', (_request, context) => ({
    content: [{ type: 'text', text: callerFrom(context.http?.authInfo)?.user.username ?? 'nobody' }],
  }))
  return guardTools(server, link)
}

async function wayOf(n: number, token: string): Promise<Caller['hello']> {
  const name = `person-${n}`
  if (n >= WITH_CLIENT) return (each) => plainHello(token, { name, n: each })

  const client: McpClient = await (n % 2 === 0 ? connectV1 : connectV2)(`${served.url}/mcp`, token)
  return async (each) => (await client.call('hello', { name, n: each })).text
}

/** Without a session, as the newest clients call. */
async function plainHello(token: string, args: { name: string; n: number }): Promise<string> {
  const response = await fetch(`${served.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: args.n,
      method: 'tools/call',
      params: { name: 'hello', arguments: args },
    }),
  })
  const body = await response.text()
  return /"text":"([^"]*)"/.exec(body)?.[1] ?? `${response.status} ${body}`
}

/** Each call once, in an order that mixes people as much as a walk in long steps does, so many at a time. */
async function everybodyCalls(): Promise<void> {
  const total = PEOPLE * CALLS_EACH
  let next = 0
  const worker = async () => {
    while (next < total) {
      // 1,237 has no factor in common with 4,000: every call is met once.
      const at = (next++ * 1_237) % total
      const { user, hello } = people[at % PEOPLE] as Caller
      const seen = await hello(Math.floor(at / PEOPLE))
      if (seen !== user.username) throw new Error(`${user.username} was taken for ${seen}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function readLog(): Promise<ToolCall[]> {
  const rows: ToolCall[] = []
  let cursor: string | undefined
  do {
    const from = cursor === undefined ? '' : `&cursor=${cursor}`
    const page = (await owner('GET', `/api/v1/teams/${teamId}/calls?limit=200${from}`)).json<ToolCallPage>()
    rows.push(...page.calls)
    cursor = page.meta.next_cursor
  } while (cursor !== undefined)
  return rows
}

it('names the right person in each of the 4,000 rows that 200 people leave with 20 calls each', async () => {
  await everybodyCalls()
  await link.calls.close()

  const rows = await readLog()
  expect(rows).toHaveLength(PEOPLE * CALLS_EACH)
  expect(new Set(rows.map(({ arguments: args }) => JSON.stringify(args))).size).toBe(PEOPLE * CALLS_EACH)

  const byName = new Map(people.map((person) => [person.user.username, person]))
  for (const { user, token, outcome, arguments: args } of rows) {
    const said = byName.get(String(args?.['name']))
    expect({ user, token: token.id, outcome }).toEqual({
      user: { id: said?.user.id, username: said?.user.username },
      token: said?.tokenId,
      outcome: 'ok',
    })
  }
})
