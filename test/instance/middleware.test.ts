import { request as httpRequest } from 'node:http'

import express from 'express'
import session, { MemoryStore } from 'express-session'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { callerOf } from '../../instance/caller.ts'
import type { Handler, InstanceRequest } from '../../instance/connect.ts'
import { httpNodeMiddleware } from '../../instance/middleware.ts'
import type { InstanceOptions } from '../../instance/options.ts'
import { listen } from './support/listen.ts'
import { activeAnswer, json, madeUpToken, startLoopbackForge, type LoopbackForge } from './support/loopback-forge.ts'

const TOKEN = madeUpToken(1)
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` }

let forge: LoopbackForge

beforeEach(async () => {
  forge = await startLoopbackForge(json(200, activeAnswer()))
})
afterEach(() => forge.close())

function guard(options: InstanceOptions = {}) {
  return httpNodeMiddleware({
    forgeUrl: forge.url,
    instanceToken: 'fft_secret',
    resourceUrl: 'https://line3.example',
    log: () => undefined,
    ...options,
  })
}

/** A plain server behind the guard that answers what the handler says about the request. */
async function serve(options: InstanceOptions = {}, see: (request: InstanceRequest) => unknown = () => 'in') {
  const middleware = guard(options)
  const server = await listen((request, response) => {
    middleware(request, response, () => response.end(JSON.stringify(see(request))))
  })
  onTestFinished(server.close)
  return server.url
}

describe('a good token', () => {
  it('lets the request in and says who makes it', async () => {
    const url = await serve({}, (request) => ({
      user: request.user,
      caller: callerOf(request),
      sessionUser: (request.session as { user: unknown }).user,
    }))
    const user = {
      userId: 'alice-id',
      username: 'alice',
      email: 'alice@example.com',
      name: 'Alice Example',
      image: '',
      role: 'member',
    }

    const response = await fetch(url, { headers: AUTHORIZED })

    expect(await response.json()).toEqual({
      user,
      sessionUser: user,
      caller: {
        user,
        team: { id: 'teamA', slug: 'line-3', name: 'Line 3' },
        role: { name: 'member', level: 30 },
        readOnly: false,
        scopes: ['mcp:read', 'mcp:write'],
        tools: null,
        tokenId: 'tokenA',
        expiresAt: null,
        act: null,
        auditRef: 'tokenA.mac',
        presenter: { client: 'node', address: '127.0.0.1' },
      },
    })
  })

  it("becomes the MCP SDK's AuthInfo, with the token blanked", async () => {
    forge.answer = json(200, activeAnswer({ exp: 4_102_444_800 }))
    const url = await serve({}, ({ auth }) => auth)

    expect(await (await fetch(url, { headers: AUTHORIZED })).json()).toMatchObject({
      token: '',
      clientId: 'pat:tokenA',
      scopes: ['mcp:read', 'mcp:write'],
      expiresAt: 4_102_444_800,
      resource: 'https://line3.example/',
      extra: { user: { username: 'alice' }, role: { name: 'member' }, readOnly: false, tokenId: 'tokenA' },
    })
  })

  it('has an end in AuthInfo even when it has none, because SDK gates insist on one', async () => {
    const now = Date.parse('2026-11-24T12:00:00.900Z')
    vi.useFakeTimers({ toFake: ['Date'], now })
    onTestFinished(() => void vi.useRealTimers())
    const url = await serve({}, ({ auth }) => auth?.expiresAt)

    const expiresAt = (await (await fetch(url, { headers: AUTHORIZED })).json()) as number

    // Never before the answer ends, which is remembered for 30 seconds.
    expect(expiresAt * 1000).toBeGreaterThanOrEqual(now + 30_000)
  })

  it('is nowhere in the request any more', async () => {
    const url = await serve({}, ({ headers, rawHeaders, headersDistinct }) => ({
      headers,
      rawHeaders,
      headersDistinct,
    }))

    const text = await (await fetch(url, { headers: { ...AUTHORIZED, 'x-other': 'stays' } })).text()

    expect(text).toContain('stays')
    expect(text).not.toMatch(/authorization|ffpat_/i)
  })

  it('is gone from distinct headers that somebody looked at before', async () => {
    const middleware = guard()
    const server = await listen((request, response) => {
      expect(request.headersDistinct['authorization']).toHaveLength(1)
      middleware(request, response, () => response.end(JSON.stringify(request.headersDistinct)))
    })
    onTestFinished(server.close)

    expect(await (await fetch(server.url, { headers: AUTHORIZED })).text()).not.toContain('ffpat_')
  })

  it('cannot be changed into another user by code behind the guard', async () => {
    const url = await serve({}, ({ user }) => Object.isFrozen(user))

    expect(await (await fetch(url, { headers: AUTHORIZED })).json()).toBe(true)
  })

  it('wins over a user that something in front has put there', async () => {
    const app = express()
    app.use((request, _response, next) => {
      Object.assign(request, { user: { username: 'mallory' }, auth: { token: 'x', clientId: 'y', scopes: [] } })
      next()
    })
    app.use(guard(), (request, response) => response.json((request as InstanceRequest).user))
    const server = await listen(app)
    onTestFinished(server.close)

    expect(await (await fetch(server.url, { headers: AUTHORIZED })).json()).toMatchObject({ username: 'alice' })
  })

  it('is asked about once when the guard runs twice', async () => {
    forge.answer = json(200, activeAnswer({}, { cacheSeconds: 0 }))
    const [first, second] = [guard(), guard()]
    const server = await listen((request, response) => {
      first(request, response, () => second(request, response, () => response.end('in')))
    })
    onTestFinished(server.close)

    expect(await (await fetch(server.url, { headers: AUTHORIZED })).text()).toBe('in')
    expect(forge.asked).toHaveLength(1)
  })
})

describe('a refused request', () => {
  const metadata = 'resource_metadata="https://line3.example/.well-known/oauth-protected-resource/line"'

  it('without a credential is challenged without an error', async () => {
    const response = await fetch(`${await serve()}/line`)

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(`Bearer scope="mcp:read", ${metadata}`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ error: 'token_required' })
  })

  it('with a token that the forge does not accept is invalid_token', async () => {
    forge.answer = json(200, { active: false })

    const response = await fetch(`${await serve()}/line`, { headers: AUTHORIZED })

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", error_description="/)
  })

  it.each(['Bearer ${TOKEN}', `Bearer ${TOKEN}x`, 'Bearer other', 'Basic dXNlcjpwYXNz'])(
    'with "%s" does not reach the forge',
    async (authorization) => {
      const response = await fetch(await serve(), { headers: { authorization } })

      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
      expect(forge.asked).toEqual([])
    },
  )

  it('with the token in the query has no credential', async () => {
    const response = await fetch(`${await serve()}/?access_token=${TOKEN}`)

    expect(response.status).toBe(401)
    expect(forge.asked).toEqual([])
  })

  it('with two Authorization headers is a bad request', async () => {
    const url = await serve()

    const [status, challenge] = await new Promise<[number | undefined, string | undefined]>((resolve) => {
      const request = httpRequest(url, { headers: ['Host', 'x', ...twice('Authorization', `Bearer ${TOKEN}`)] })
      request.on('response', (response) => {
        resolve([response.statusCode, response.headers['www-authenticate']])
        response.resume()
      })
      request.end()
    })

    expect(status).toBe(400)
    expect(challenge).toContain('error="invalid_request"')
  })

  it.each([503, 429])('that nobody can check is 503 with Retry-After, when the forge answers %i', async (status) => {
    forge.answer = json(status, { error: 'temporarily_unavailable' }, { 'retry-after': '7' })

    const response = await fetch(await serve(), { headers: AUTHORIZED })

    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('7')
    expect(response.headers.has('www-authenticate')).toBe(false)
  })

  it('is 503 when the forge does not take the credential of the instance: never the fault of the caller', async () => {
    forge.answer = json(401, { error: 'invalid_client' })

    expect((await fetch(await serve(), { headers: AUTHORIZED })).status).toBe(503)
  })
})

function twice(name: string, value: string): string[] {
  return [name, value, name, value]
}

describe('a read-only token', () => {
  beforeEach(() => {
    forge.answer = json(200, activeAnswer({ scope: 'mcp:read' }, { readOnly: true }))
  })

  it.each(['GET', 'HEAD', 'OPTIONS'])('may %s', async (method) => {
    expect((await fetch(await serve(), { method, headers: AUTHORIZED })).status).toBe(200)
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])('may not %s', async (method) => {
    const response = await fetch(await serve(), { method, headers: AUTHORIZED })

    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*scope="mcp:write"/)
  })

  it('may post to an MCP path, where tools decide', async () => {
    const url = await serve({ mcpPaths: ['/mcp'] })

    for (const path of ['/mcp', '/MCP/', '/mcp?x=1']) {
      expect((await fetch(url + path, { method: 'POST', headers: AUTHORIZED })).status).toBe(200)
    }
    expect((await fetch(`${url}/mcp/x`, { method: 'POST', headers: AUTHORIZED })).status).toBe(403)
  })

  it('is believed to be read-only when only one of flag and scope says so', async () => {
    forge.answer = json(200, activeAnswer({ scope: 'mcp:read mcp:write' }, { readOnly: true }))
    expect((await fetch(await serve(), { method: 'POST', headers: AUTHORIZED })).status).toBe(403)

    forge.answer = json(200, activeAnswer({ scope: 'mcp:read' }, { readOnly: false }))
    expect((await fetch(await serve(), { method: 'POST', headers: AUTHORIZED })).status).toBe(403)
  })
})

describe('a token that the policy keeps to MCP', () => {
  it('passes on an MCP path and is refused elsewhere', async () => {
    forge.answer = json(200, activeAnswer({}, { mcpOnly: true }))
    const url = await serve({ mcpPaths: ['/mcp'] })

    expect((await fetch(`${url}/mcp`, { method: 'POST', headers: AUTHORIZED })).status).toBe(200)
    const elsewhere = await fetch(`${url}/plain`, { headers: AUTHORIZED })
    expect(elsewhere.status).toBe(403)
    expect(await elsewhere.json()).toMatchObject({ error: 'mcp_only' })
  })
})

describe('who presents a token', () => {
  it('is told to the forge by user agent and address', async () => {
    await fetch(await serve(), { headers: { ...AUTHORIZED, 'user-agent': `claude-code/2 ${'x'.repeat(300)}` } })

    expect(forge.asked[0]?.client).toMatch(/^claude-code\/2 x+$/)
    expect(forge.asked[0]?.client).toHaveLength(200)
    expect(forge.asked[0]?.address).toMatch(/127\.0\.0\.1$/)
  })
})

describe('Origin on an MCP path', () => {
  const post = async (url: string, origin: string) =>
    (await fetch(url, { method: 'POST', headers: { ...AUTHORIZED, origin } })).status

  it('may be the own one, or one that is allowed', async () => {
    const url = `${await serve({ allowedOrigins: ['https://app.example'] })}/mcp`

    expect(await post(url, 'https://line3.example')).toBe(200)
    expect(await post(url, 'https://app.example')).toBe(200)
  })

  it.each(['https://evil.example', 'null', 'http://line3.example', 'https://line3.example.evil.example', ''])(
    'may not be "%s"',
    async (origin) => {
      expect(await post(`${await serve()}/mcp`, origin)).toBe(403)
      expect(forge.asked).toEqual([])
    },
  )

  it('does not matter elsewhere', async () => {
    expect(await post(`${await serve()}/line`, 'https://evil.example')).toBe(200)
  })
})

describe("the host's own check", () => {
  const signIn: Handler = (request, response) => {
    response.writeHead(302, { location: '/sign-in', 'x-saw': request.headers.authorization ?? 'nothing' }).end()
  }
  const ask = (url: string, headers: Record<string, string>) => fetch(url, { headers, redirect: 'manual' })

  it('gets a page load without a credential', async () => {
    const url = await serve({ fallback: signIn })

    expect((await ask(url, { accept: 'text/html,*/*' })).headers.get('location')).toBe('/sign-in')
  })

  it('gets what a page sends with the cookie of its sign-in', async () => {
    const url = await serve({ fallback: signIn })

    expect((await ask(url, { cookie: 'sid=1' })).status).toBe(302)
  })

  it('gets another kind of credential, untouched', async () => {
    const url = await serve({ fallback: signIn })

    expect((await ask(url, { authorization: 'Bearer ffhttp_x' })).headers.get('x-saw')).toBe('Bearer ffhttp_x')
    expect((await ask(url, { authorization: 'Basic eDp5' })).headers.get('x-saw')).toBe('Basic eDp5')
  })

  it('gets neither a program without a credential nor a bad token of ours', async () => {
    const url = await serve({ fallback: signIn })

    expect((await ask(url, { accept: 'application/json' })).status).toBe(401)
    expect((await ask(url, { authorization: `Bearer ${TOKEN}x`, accept: 'text/html' })).status).toBe(401)
    forge.answer = json(200, { active: false })
    expect((await ask(url, { ...AUTHORIZED, accept: 'text/html' })).status).toBe(401)
  })

  it('may let the request in, whom nobody then takes for a caller', async () => {
    const url = await serve({ fallback: (_request, _response, next) => next() }, (request) => ({
      caller: callerOf(request),
    }))

    expect(await (await ask(url, { authorization: 'Bearer ffhttp_x' })).json()).toEqual({ caller: null })
  })
})

describe('with express-session', () => {
  async function serveExpress(order: 'session first' | 'guard first', saveUninitialized = false) {
    const store = new MemoryStore()
    const sessions = session({ secret: 'test', store, resave: false, saveUninitialized, rolling: true })
    const app = express()
    app.use(...(order === 'session first' ? [sessions, guard()] : [guard(), sessions]))
    app.use((request, response) => {
      const own = (request as InstanceRequest).session as { user?: unknown; save?: (done: () => void) => void }
      response.json({ user: own.user, seen: JSON.stringify(own), canSave: typeof own.save })
    })
    const server = await listen(app)
    onTestFinished(server.close)
    return { url: server.url, stored: () => Object.keys((store as unknown as { sessions: object }).sessions) }
  }

  it.each(['session first', 'guard first'] as const)(
    'a call with a token has a user in its session and stores nothing (%s)',
    async (order) => {
      const { url, stored } = await serveExpress(order)

      const response = await fetch(url, { headers: AUTHORIZED })

      expect(await response.json()).toMatchObject({ user: { username: 'alice' }, seen: '{}' })
      expect(response.headers.has('set-cookie')).toBe(false)
      expect(stored()).toEqual([])
    },
  )

  it('stores nothing and sets no cookie even where every session is to be stored', async () => {
    const { url, stored } = await serveExpress('session first', true)

    const response = await fetch(url, { headers: AUTHORIZED })

    expect(response.headers.has('set-cookie')).toBe(false)
    expect(stored()).toEqual([])
  })

  it('a token beside the cookie of another person neither reads nor changes that session', async () => {
    const store = new MemoryStore()
    const app = express()
    app.use(session({ secret: 'test', store, resave: false, saveUninitialized: false }))
    app.get('/sign-in', (request, response) => {
      Object.assign(request.session, { user: { username: 'bob' } })
      response.end()
    })
    app.get('/browser', (request, response) => response.json(request.session))
    app.get('/call', guard(), (request, response) => {
      const own = (request as unknown as InstanceRequest).session as { user: unknown; note?: string }
      own.note = 'left by a call'
      response.json(own.user)
    })
    const { url, close } = await listen(app)
    onTestFinished(close)
    const cookie = (await fetch(`${url}/sign-in`)).headers.get('set-cookie')?.split(';')[0] ?? ''

    const called = await fetch(`${url}/call`, { headers: { ...AUTHORIZED, cookie } })
    const browser = await fetch(`${url}/browser`, { headers: { cookie } })

    expect(await called.json()).toMatchObject({ username: 'alice' })
    expect(called.headers.has('set-cookie')).toBe(false)
    expect(await browser.json()).toMatchObject({ user: { username: 'bob' } })
    expect(JSON.stringify((store as unknown as { sessions: object }).sessions)).not.toMatch(/alice|left by a call/)
  })
})

describe('below a mount path', () => {
  it('knows MCP paths and metadata by the address that clients use', async () => {
    const app = express()
    const inner = express()
    inner.use(guard({ resourceUrl: 'https://line3.example/nodes', mcpPaths: ['/mcp'] }), (_request, response) => {
      response.end('in')
    })
    app.use('/nodes', inner)
    const { url, close } = await listen(app)
    onTestFinished(close)

    const challenged = await fetch(`${url}/nodes/mcp`, { method: 'POST' })

    expect(challenged.headers.get('www-authenticate')).toBe(
      'Bearer scope="mcp:read", resource_metadata="https://line3.example/nodes/.well-known/oauth-protected-resource/mcp"',
    )
    expect(
      (await fetch(`${url}/nodes/mcp`, { headers: { ...AUTHORIZED, origin: 'https://evil.example' } })).status,
    ).toBe(403)
  })
})
