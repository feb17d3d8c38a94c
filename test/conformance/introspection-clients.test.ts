import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { revokedToken, startScene, type Scene } from './scene.ts'

let scene: Scene
let token: string

beforeAll(async () => {
  scene = await startScene()
  token = (await scene.mint({ role: 'member', readOnly: true })).token
})
afterAll(() => scene.close())

/** What both clients must read from the answer about `token`. */
const claims = () => ({
  active: true,
  iss: scene.forge.url,
  sub: scene.user.id,
  username: scene.user.username,
  token_type: 'Bearer',
  scope: 'mcp:read',
  aud: scene.instance.url,
  roles: ['member'],
  forge: expect.objectContaining({ readOnly: true, role: { name: 'member', level: 30 } }),
})

describe('oauth4webapi', () => {
  const server = (): oauth.AuthorizationServer => ({
    issuer: scene.forge.url,
    introspection_endpoint: scene.introspectionUrl,
  })
  const client = (): oauth.Client => ({ client_id: scene.instance.id })

  const asBasic = (secret: string) => oauth.ClientSecretBasic(secret)
  const asBearer =
    (credential: string): oauth.ClientAuth =>
    (_server, _client, _body, headers) =>
      headers.set('authorization', `Bearer ${credential}`)

  async function introspect(text: string, auth: oauth.ClientAuth): Promise<oauth.IntrospectionResponse> {
    const options = { [oauth.allowInsecureRequests]: true }
    const response = await oauth.introspectionRequest(server(), client(), auth, text, options)
    return oauth.processIntrospectionResponse(server(), client(), response)
  }

  it.each([
    ['client_secret_basic', asBasic],
    ['a bearer', asBearer],
  ])('reads who a live token is, as %s', async (_how, auth) => {
    expect(await introspect(token, auth(scene.instance.credential))).toMatchObject(claims())
  })

  it('reads junk as inactive and nothing more', async () => {
    expect(await introspect('junk', asBasic(scene.instance.credential))).toEqual({ active: false })
  })

  it.each([
    ['client_secret_basic', asBasic, { scheme: 'basic', parameters: { realm: 'forge' } }],
    ['a bearer', asBearer, { scheme: 'bearer', parameters: { realm: 'forge', error: 'invalid_token' } }],
  ])('reads the challenge to a wrong credential, as %s', async (_how, auth, challenge) => {
    const refusal = await introspect(token, auth('fft_wrong')).catch((error: unknown) => error)

    expect(refusal).toBeInstanceOf(oauth.WWWAuthenticateChallengeError)
    expect(refusal).toMatchObject({ status: 401, cause: [challenge] })
  })
})

describe('openid-client', () => {
  /** Its id and secret go through the form encoding of RFC 6749 section 2.3.1 here. */
  function configure(secret: string): openid.Configuration {
    const configuration = new openid.Configuration(
      { issuer: scene.forge.url, introspection_endpoint: scene.introspectionUrl },
      scene.instance.id,
      undefined,
      openid.ClientSecretBasic(secret),
    )
    openid.allowInsecureRequests(configuration)
    return configuration
  }

  it('reads who a live token is', async () => {
    const answer = await openid.tokenIntrospection(configure(scene.instance.credential), token)

    expect(answer).toMatchObject(claims())
  })

  it('reads junk as inactive and nothing more', async () => {
    expect(await openid.tokenIntrospection(configure(scene.instance.credential), 'junk')).toEqual({ active: false })
  })

  it('reads a revoked token as inactive', async () => {
    const revoked = await revokedToken(scene)

    expect(await openid.tokenIntrospection(configure(scene.instance.credential), revoked)).toEqual({ active: false })
  })

  it('reads the challenge to a wrong secret', async () => {
    const refusal = await openid.tokenIntrospection(configure('fft_wrong'), token).catch((error: unknown) => error)

    expect(refusal).toBeInstanceOf(openid.WWWAuthenticateChallengeError)
    expect(refusal).toMatchObject({ status: 401, cause: [{ scheme: 'basic' }] })
  })
})

describe('HTTP Basic (RFC 6749 section 2.3.1)', () => {
  it('decodes what was form-encoded, percent signs and plus signs included', async () => {
    const encode = (text: string) => [...text].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('')
    const { id, credential } = scene.instance
    const authorization = `Basic ${Buffer.from(`${encode(id)}:${encode(credential)}`).toString('base64')}`

    const response = await fetch(scene.introspectionUrl, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ token }),
    })

    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ active: true })
  })
})
