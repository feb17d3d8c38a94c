import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ACCESS_TOKEN_TYPE, GRANTS } from '../../forge/contract/oauth.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  openBrowser,
  type TestInstance,
  type TestUser,
} from '../support/builders.ts'
import { startForge, type TestForge } from '../support/forge.ts'

/** Two clients that are not ours walk through all endpoints, below a mount path: found, asked, approved, used, given back. */
let forge: TestForge
let alice: TestUser
let a: TestInstance
let b: TestInstance

beforeAll(async () => {
  forge = await startForge({ listen: true, mountPath: '/pat' })
  alice = await createUser(forge)
  const team = await createTeam(forge)
  await addMember(forge, { team, user: alice, role: 'member' })
  const application = await createApplication(forge, { team })
  a = await createInstance(forge, { application })
  b = await createInstance(forge, { application })
})
afterAll(() => forge.close())

async function approve(userCode: string): Promise<void> {
  const browser = await openBrowser(forge, alice)
  const answer = await browser('POST', '/api/v1/device/approve', {
    userCode,
    name: 'my terminal',
    role: 'member',
    readOnly: false,
    grants: [a, b].map(({ id }) => ({ type: 'instance', id })),
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  expect(answer.statusCode).toBe(204)
}

const exchangeForm = (subject: string) => ({
  subject_token: subject,
  subject_token_type: ACCESS_TOKEN_TYPE,
  resource: b.url,
})

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const terminal: oauth.Client = { client_id: 'forge-pat' }
  const instance = (): oauth.Client => ({ client_id: a.id })

  it('goes from discovery to an approved token, its exchange and its end', async () => {
    const issuer = new URL(forge.url)
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    const server = await oauth.processDiscoveryResponse(issuer, found)
    const none = oauth.None()

    const asked = await oauth.deviceAuthorizationRequest(server, terminal, none, { scope: 'mcp:read' }, insecure)
    const code = await oauth.processDeviceAuthorizationResponse(server, terminal, asked)
    expect(code).toMatchObject({ expires_in: 600, interval: 5, verification_uri: `${forge.url}/device` })

    const poll = () => oauth.deviceCodeGrantRequest(server, terminal, none, code.device_code, insecure)
    const early = await oauth.processDeviceCodeResponse(server, terminal, await poll()).catch((error: unknown) => error)
    expect(early).toMatchObject({ status: 400, error: 'authorization_pending' })
    await approve(code.user_code)
    await forge.db.query('UPDATE pat_device_codes SET last_polled_at = NULL')
    const token = await oauth.processDeviceCodeResponse(server, terminal, await poll())
    expect(token).toMatchObject({ token_type: 'bearer', scope: 'mcp:read mcp:write' })

    const basic = oauth.ClientSecretBasic(a.credential)
    const parameters = exchangeForm(token.access_token)
    const exchanging = await oauth.genericTokenEndpointRequest(
      server,
      instance(),
      basic,
      GRANTS.exchange,
      parameters,
      insecure,
    )
    const exchanged = await oauth.processGenericTokenEndpointResponse(server, instance(), exchanging)
    expect(exchanged).toMatchObject({ issued_token_type: ACCESS_TOKEN_TYPE, expires_in: 900 })

    const asB: oauth.Client = { client_id: b.id }
    const introspect = async () => {
      const secret = oauth.ClientSecretBasic(b.credential)
      const response = await oauth.introspectionRequest(server, asB, secret, exchanged.access_token, insecure)
      return oauth.processIntrospectionResponse(server, asB, response)
    }
    expect(await introspect()).toMatchObject({ active: true, sub: alice.id, aud: b.url, act: { sub: a.id } })

    const revoked = await oauth.revocationRequest(server, terminal, none, token.access_token, insecure)
    expect(await oauth.processRevocationResponse(revoked)).toBeUndefined()
    expect(await introspect()).toEqual({ active: false })
  })
})

describe('openid-client', () => {
  const discover = (clientId: string, auth: openid.ClientAuth) =>
    openid.discovery(new URL(forge.url), clientId, undefined, auth, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    })

  it('goes from discovery to an approved token, its exchange and its end', async () => {
    const terminal = await discover('forge-pat', openid.None())
    const instance = await discover(a.id, openid.ClientSecretBasic(a.credential))
    const target = await discover(b.id, openid.ClientSecretBasic(b.credential))

    const code = await openid.initiateDeviceAuthorization(terminal, { scope: 'mcp:read mcp:write', resource: a.url })
    await approve(code.user_code)
    // It would wait for the interval before it polls; nothing has been polled yet.
    const token = await openid.pollDeviceAuthorizationGrant(terminal, { ...code, interval: 0 })
    expect(token).toMatchObject({ token_type: 'bearer', scope: 'mcp:read mcp:write' })

    const exchanged = await openid.genericGrantRequest(instance, GRANTS.exchange, exchangeForm(token.access_token))
    expect(await openid.tokenIntrospection(target, exchanged.access_token)).toMatchObject({
      active: true,
      act: { sub: a.id },
    })

    await openid.tokenRevocation(instance, exchanged.access_token)
    expect(await openid.tokenIntrospection(target, exchanged.access_token)).toEqual({ active: false })
    expect(await openid.tokenIntrospection(instance, token.access_token)).toMatchObject({ active: true })
    await openid.tokenRevocation(terminal, token.access_token)
    expect(await openid.tokenIntrospection(instance, token.access_token)).toEqual({ active: false })
  })
})
