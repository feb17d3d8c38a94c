import { inspect } from 'node:util'

import { createMcpHandler, McpServer as McpServerV2 } from '@modelcontextprotocol/server'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import {
  callerOf,
  exchangeFor,
  httpNodeMiddleware,
  type Caller,
  type ExchangedToken,
  type ExchangeWish,
  type HttpNodeMiddleware,
  type InstanceRequest,
} from '../../instance/index.ts'
import { connectV1, connectV2 } from '../../scripts/demo/clients.ts'
import { createInstance, mintToken, openBrowser, type TestInstance } from '../support/builders.ts'
import { listen, type Listening } from './support/listen.ts'
import { startForgeWithTeam, type ForgeWithTeam } from './support/team.ts'
import { eventually } from '../support/eventually.ts'

/** Press (A) calls Packer (B) as whoever calls Press. */
let team: ForgeWithTeam
let packer: TestInstance
let a: Served
let b: Served

interface Served extends Listening {
  middleware: HttpNodeMiddleware
  /** The requests that were let in. */
  requests: InstanceRequest[]
}

beforeAll(async () => {
  team = await startForgeWithTeam('https://press.example.com')
  const application = { id: team.instance.applicationId, name: '', teamId: team.instance.teamId }
  packer = await createInstance(team.forge, { application, name: 'packer', url: 'https://packer.example.com' })
})
afterAll(() => team.forge.close())

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  vi.advanceTimersByTime(1)
  a = await serve(team.instance, async (request) => ({ token: await exchangeFor(request, wishIn(request)) }))
  b = await serve(packer, async (request) => ({ caller: callerOf(request) }))
})
afterEach(async () => {
  vi.useRealTimers()
  for (const { middleware, close } of [a, b]) {
    await middleware.link.close()
    await close()
  }
})

function wishIn(request: InstanceRequest): ExchangeWish {
  const { searchParams } = new URL(request.url ?? '/', 'http://a')
  return { resource: searchParams.get('resource') ?? packer.url, readOnly: searchParams.has('readOnly') }
}

async function serve(instance: TestInstance, handle: (request: InstanceRequest) => Promise<object>): Promise<Served> {
  const middleware = httpNodeMiddleware({
    forgeUrl: team.forge.url,
    instanceId: instance.id,
    instanceToken: instance.credential,
    resourceUrl: instance.url,
    log: () => undefined,
  })
  const requests: InstanceRequest[] = []
  const listening = await listen((request, response) => {
    middleware(request, response, () => {
      requests.push(request)
      void handle(request)
        .catch((error: unknown) => ({
          error: String((error as Error).name),
          ...(error as object),
          text: String(error),
        }))
        .then((answer) => response.end(JSON.stringify(answer)))
    })
  })
  return { ...listening, middleware, requests }
}

async function call<T>(server: Listening, token: string, path = '/'): Promise<T> {
  const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } })
  return (await response.json()) as T
}
const exchanged = async (token: string, path?: string) => (await call<{ token: ExchangedToken }>(a, token, path)).token

/** A token of bob for both instances. */
const mint = () =>
  mintToken(team.forge, {
    user: team.bob,
    instance: team.instance,
    role: 'member',
    readOnly: false,
    grants: [{ type: 'team', id: team.instance.teamId }],
  })

describe('exchangeFor', () => {
  it('gives a token with which the other instance sees the same person, and who acts for them', async () => {
    const { token } = await mint()

    const { accessToken, scope, expiresAt } = await exchanged(token)

    expect(scope).toBe('mcp:read mcp:write')
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(14 * 60_000)
    const { caller } = await call<{ caller: Caller }>(b, accessToken)
    expect(caller).toMatchObject({ user: { userId: team.bob.id, role: 'member' }, act: { sub: team.instance.id } })
    expect(await call(a, accessToken)).toMatchObject({ error: 'invalid_token' })
  })

  it('says of who calls themselves that nobody acts for them', async () => {
    expect(await call(b, (await mint()).token)).toMatchObject({ caller: { act: null } })
  })

  it('asks only to read when that is enough', async () => {
    const { accessToken, scope } = await exchanged((await mint()).token, '/?readOnly')

    expect(scope).toBe('mcp:read')
    expect(await call(b, accessToken)).toMatchObject({ caller: { readOnly: true } })
  })

  it('exchanges once for calls at the same time and later, until most of the life is over', async () => {
    const { token } = await mint()
    const [first, second] = await Promise.all([exchanged(token), exchanged(token)])
    vi.advanceTimersByTime(11 * 60_000)
    const third = await exchanged(token)
    expect([second, third]).toEqual([first, first])

    vi.advanceTimersByTime(20_000)
    expect((await exchanged(token)).accessToken).not.toBe(first.accessToken)
  })

  it('keeps apart the callers, and what was asked to read from what was not', async () => {
    const [bob, again] = [await mint(), await mint()]
    const tokens = [await exchanged(bob.token), await exchanged(again.token), await exchanged(bob.token, '/?readOnly')]

    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(3)
  })

  it('asks anew when the token of the caller was changed, for the forge pushes that', async () => {
    const { id, token } = await mint()
    await eventually(async () => expect((await exchanged(token)).scope).toBe('mcp:read mcp:write'))

    const browser = await openBrowser(team.forge, team.bob)
    await browser('PATCH', `/api/v1/tokens/${id}`, { readOnly: true })

    await vi.waitFor(async () => expect((await exchanged(token)).scope).toBe('mcp:read'), { timeout: 20_000 })
  })

  it('dies with the token that it came of', async () => {
    const { id, token } = await mint()
    const { accessToken } = await exchanged(token)
    expect(await call(b, accessToken)).toHaveProperty('caller')

    const browser = await openBrowser(team.forge, team.bob)
    await browser('DELETE', `/api/v1/tokens/${id}`)

    // Answers about exchanged tokens are remembered for one second, and that by a clock that stands still here.
    vi.advanceTimersByTime(1_001)
    expect(await call(b, accessToken)).toMatchObject({ error: 'invalid_token' })
  })

  it.each(['https://elsewhere.example.com', 'https://press.example.com', 'no address'])(
    'has the refusal of the forge for %s',
    async (resource) => {
      const answer = await call(a, (await mint()).token, `/?resource=${encodeURIComponent(resource)}`)

      expect(answer).toMatchObject({ error: 'ExchangeError', code: 'invalid_target' })
    },
  )

  it('says that nobody can say while the forge is away', async () => {
    const { token } = await mint()
    await call(a, token)
    const { fetch: real } = globalThis
    const spy = vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      const isExchange = (input as string).endsWith('/oauth/token')
      return isExchange ? Promise.reject(new TypeError('fetch failed')) : real(input, init)
    })
    onTestFinished(() => spy.mockRestore())
    a.middleware.link.exchanger.forget()

    expect(await call(a, token)).toMatchObject({ error: 'ForgeUnavailableError' })
  })

  it('has nobody to act for once the request is answered, and for requests that nobody let in', async () => {
    await exchanged((await mint()).token)
    const [request] = a.requests
    if (!request) throw new Error('no request came')

    for (const caller of [request, request.auth ?? {}, {}]) {
      await eventually(() =>
        expect(exchangeFor(caller, { resource: packer.url })).rejects.toMatchObject({ code: 'no_caller' }),
      )
    }
  })

  it('leaves the text of the token nowhere on the request, its AuthInfo or the middleware', async () => {
    const { token } = await mint()
    let seen = ''
    const open = await serve(team.instance, (request) => {
      seen = inspect([request, callerOf(request), a.middleware], { depth: 12, showHidden: true, maxStringLength: null })
      return exchangeFor(request, { resource: packer.url })
    })
    onTestFinished(open.close)

    await call(open, token)
    await open.middleware.link.close()

    expect(seen).toContain(team.bob.id)
    expect(seen).not.toContain(token.slice(-49))
  })
})

describe.each([
  ['SDK v1', connectV1],
  ['SDK v1', connectV2],
  ['SDK v2', connectV1],
  ['SDK v2', connectV2],
] as const)('exchangeFor in a tool of %s', (sdk, connect) => {
  const text = (token: ExchangedToken) => ({ content: [{ type: 'text' as const, text: token.accessToken }] })

  const SERVERS = {
    'SDK v1': async (request: InstanceRequest, response: import('node:http').ServerResponse) => {
      const server = new McpServerV1({ name: 'tools', version: '1' })
      server.registerTool('relay', {}, async ({ authInfo }) =>
        text(await exchangeFor(authInfo ?? {}, { resource: packer.url })),
      )
      const transport = new StreamableHTTPServerTransport()
      response.on('close', () => void server.close())
      await server.connect(transport)
      await transport.handleRequest(request, response)
    },
    'SDK v2': toNodeHandler(
      createMcpHandler(() => {
        const server = new McpServerV2({ name: 'tools', version: '1' })
        server.registerTool('relay', {}, async ({ http }) =>
          text(await exchangeFor(http?.authInfo ?? {}, { resource: packer.url })),
        )
        return server
      }),
    ) as never,
  }

  it('knows the caller by the AuthInfo', async () => {
    const handle = SERVERS[sdk] as (request: unknown, response: unknown) => Promise<void>
    const server = await listen((request, response) =>
      a.middleware(request, response, () => void handle(request, response)),
    )
    onTestFinished(server.close)
    const client = await connect(`${server.url}/mcp`, (await mint()).token)

    const { text: accessToken } = await client.call('relay')
    await client.close()

    expect(await call(b, accessToken)).toMatchObject({ caller: { act: { sub: team.instance.id } } })
  })
})
