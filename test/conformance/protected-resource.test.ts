import * as v2 from '@modelcontextprotocol/client'
import { discoverOAuthProtectedResourceMetadata } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startGuardedServer, type GuardedServer } from './guarded-server.ts'
import { foreignToken, revokedToken } from './scene.ts'

const insecure = { [oauth.allowInsecureRequests]: true }

let guarded: GuardedServer
let mcpUrl: URL

beforeAll(async () => {
  guarded = await startGuardedServer()
  mcpUrl = new URL('/mcp', guarded.url)
})
afterAll(() => guarded.close())

describe('RFC 9728, metadata of a protected resource', () => {
  it.each(['/mcp', '/', '/some/flow'])('describes %s under the address that was asked for (3.3)', async (path) => {
    const resource = new URL(path, guarded.url)

    const response = await oauth.resourceDiscoveryRequest(resource, insecure)
    const metadata = await oauth.processResourceDiscoveryResponse(resource, response)

    expect(metadata).toMatchObject({
      authorization_servers: [guarded.scene.forge.url],
      bearer_methods_supported: ['header'],
      scopes_supported: ['mcp:read', 'mcp:write'],
    })
  })

  it('is public, readable by web pages, and may be cached', async () => {
    const { status, headers } = await oauth.resourceDiscoveryRequest(mcpUrl, insecure)

    expect(status).toBe(200)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('cache-control')).toMatch(/\bpublic\b/)
  })

  it('is found by the MCP SDK from the endpoint alone', async () => {
    const metadata = await discoverOAuthProtectedResourceMetadata(mcpUrl)

    expect(metadata).toMatchObject({ resource: mcpUrl.href, authorization_servers: [guarded.scene.forge.url] })
  })

  it('is found where the challenge says (5.1)', async () => {
    const { parameters } = await challengeTo('junk')
    const resourceMetadataUrl = new URL(parameters.resource_metadata ?? '')

    const metadata = await discoverOAuthProtectedResourceMetadata(mcpUrl, { resourceMetadataUrl })

    expect(metadata.resource).toBe(mcpUrl.href)
  })
})

describe('RFC 6750 section 3, challenges', () => {
  it('names no error to a request without a credential (3.1)', async () => {
    const response = await fetch(mcpUrl, { method: 'POST' })

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /)
    expect(response.headers.get('www-authenticate')).not.toMatch(/\berror/)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it.each<[string, () => Promise<string>]>([
    ['junk', async () => 'junk'],
    ['a placeholder', async () => '${FORGE_TOKEN}'],
    ['a revoked token', () => revokedToken(guarded.scene)],
    ["a token for another team's instance", () => foreignToken(guarded.scene)],
    ["the instance's own credential", async () => guarded.scene.instance.credential],
  ])('calls %s an invalid token', async (_what, make) => {
    const { scheme, parameters } = await challengeTo(await make())

    expect(scheme).toBe('bearer')
    expect(parameters).toMatchObject({ error: 'invalid_token', scope: 'mcp:read' })
    expect(parameters.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  })

  it('names the scope that a read-only token lacks', async () => {
    const { token } = await guarded.scene.mint({ readOnly: true })

    const refusal = await requestWith(token, new URL('/plain', guarded.url), 'POST')

    expect(refusal).toMatchObject({
      status: 403,
      cause: [{ scheme: 'bearer', parameters: { error: 'insufficient_scope', scope: 'mcp:write' } }],
    })
  })

  it('takes no token from the address (2.3)', async () => {
    const { token } = await guarded.scene.mint()
    const url = new URL(`/mcp?access_token=${token}`, guarded.url)

    const response = await fetch(url, { method: 'POST' })

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).not.toContain(token)
  })

  it('reads the scheme in any case (2.1)', async () => {
    const { token } = await guarded.scene.mint()

    const response = await fetch(mcpUrl, { method: 'POST', headers: { authorization: `bEaReR ${token}` } })

    expect(response.status).not.toBe(401)
  })
})

describe.each([
  ['v1', connectV1, { code: 401 }],
  ['v2', connectV2, { status: 401 }],
])('the MCP SDK %s as a client', (_version, connect, unauthorized) => {
  it('calls a tool with a good token', async () => {
    const client = await connect((await guarded.scene.mint()).token)

    const { content } = await client.callTool({ name: 'test_simple_text' })

    expect(content).toEqual([{ type: 'text', text: 'This is a simple text response for testing.' }])
    await client.close()
  })

  it('is told 401 with a revoked one', async () => {
    await expect(connect(await revokedToken(guarded.scene))).rejects.toMatchObject(unauthorized)
  })
})

/** @returns what oauth4webapi throws on a challenge, or the answer */
async function requestWith(token: string, url: URL, method: string): Promise<unknown> {
  return oauth.protectedResourceRequest(token, method, url, undefined, null, insecure).catch((error: unknown) => error)
}

/** The one challenge, as oauth4webapi parses it, in the 401 to a call of the MCP endpoint. */
async function challengeTo(token: string): Promise<oauth.WWWAuthenticateChallenge> {
  const refusal = await requestWith(token, mcpUrl, 'POST')
  if (!(refusal instanceof oauth.WWWAuthenticateChallengeError)) throw new Error('there was no challenge')

  const [challenge, ...others] = refusal.cause
  if (!challenge || others.length > 0 || refusal.status !== 401) throw new Error('there was not one challenge in a 401')
  return challenge
}

const CLIENT = { name: 'conformance', version: '1.0.0' }

async function connectV1(token: string): Promise<Client> {
  const client = new Client(CLIENT)
  await client.connect(new StreamableHTTPClientTransport(mcpUrl, withBearer(token)))
  return client
}

async function connectV2(token: string): Promise<v2.Client> {
  const client = new v2.Client(CLIENT)
  await client.connect(new v2.StreamableHTTPClientTransport(mcpUrl, withBearer(token)))
  return client
}

/** As the config files of MCP clients do it: a header that never changes. */
function withBearer(token: string): { requestInit: RequestInit } {
  return { requestInit: { headers: { Authorization: `Bearer ${token}` } } }
}
