import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { GRANTS } from '../../../forge/contract/oauth.ts'
import { startOAuthScene, type OAuthScene } from './support.ts'

/** Form bodies as nobody should send them: each gets an error of the RFCs, and none breaks anything. */
let scene: OAuthScene
beforeAll(async () => {
  const none = { oauthClient: null, deviceRequest: null, failedCaller: null, exchange: null, introspection: null }
  scene = await startOAuthScene({ settings: { limits: { ...none, failedSelector: null } } })
})
afterAll(() => scene.forge.close())

const ENDPOINTS = ['/oauth/device_authorization', '/oauth/token', '/oauth/revoke', '/oauth/introspect']
const NAMES = ['client_id', 'scope', 'resource', 'grant_type', 'device_code', 'subject_token', 'subject_token_type']
const MORE_NAMES = ['token', 'token_type_hint', 'audience', 'actor_token', 'requested_token_type', '__proto__', 'x']
const ERRORS = ['invalid_request', 'invalid_client', 'invalid_grant', 'invalid_scope', 'invalid_target']
const MORE_ERRORS = ['unsupported_grant_type', 'unauthorized_client']

const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('forge-pat', 'mcp:read', 'https://127.0.0.1/client.json', 'http://a', 'https://a.example/#f', '\0'),
  fc.constantFrom(GRANTS.device, GRANTS.exchange, 'urn:ietf:params:oauth:token-type:access_token', '', ' ', '"\\'),
)
const rawPair = fc.constantFrom('%', '%zz', '%ff%fe', 'token', '=', '&&', 'a=b=c', 'client_id=%00', 'token=%E0%A4%A')
const form = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom(...NAMES, ...MORE_NAMES), value)
      .map(([name, text]) => `${encodeURIComponent(name)}=${new URLSearchParams({ '': text }).toString().slice(1)}`),
    rawPair,
  ),
  { maxLength: 10 },
)

function send(path: string, payload: string | Buffer, type: string, authorization?: string) {
  return scene.forge.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': type, ...(authorization ? { authorization } : {}) },
    payload,
  })
}

it('answers every form with success or an error of the RFCs', async () => {
  const request = fc.record({
    path: fc.constantFrom(...ENDPOINTS),
    form,
    type: fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/plain', 'multipart/form-data'),
    asInstance: fc.boolean(),
  })

  await fc.assert(
    fc.asyncProperty(request, async ({ path, form: pairs, type, asInstance }) => {
      const credential = asInstance ? `Bearer ${scene.instances[0].credential}` : undefined
      const answer = await send(path, pairs.join('&'), type, credential)

      expect(answer.statusCode).toBeLessThan(500)
      expect(answer.headers['cache-control']).toBe('no-store')
      if (answer.statusCode === 200) return
      const { error, error_description: description, ...rest } = answer.json<Record<string, string>>()
      expect([...ERRORS, ...MORE_ERRORS]).toContain(error)
      expect(description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
      expect(rest).toEqual({})
      expect(answer.statusCode === 401).toBe(error === 'invalid_client')
    }),
    { numRuns: 800, seed: 20261124 },
  )
})

it.each(ENDPOINTS)('refuses a megabyte at %s', async (path) => {
  const credential = `Bearer ${scene.instances[0].credential}`
  const answer = await send(path, `token=${'x'.repeat(1_048_576)}`, 'application/x-www-form-urlencoded', credential)

  expect(answer.statusCode).toBe(413)
  expect(answer.json()).toEqual({ error: 'invalid_request', error_description: 'The request is too large.' })
})

it.each([
  ['/oauth/device_authorization', 'client_id'],
  ['/oauth/device_authorization', 'scope'],
  ['/oauth/token', 'grant_type'],
  ['/oauth/token', 'device_code'],
  ['/oauth/token', 'subject_token'],
  ['/oauth/revoke', 'token'],
  ['/oauth/revoke', 'client_id'],
  ['/oauth/introspect', 'token'],
])('refuses at %s a %s that is there twice (RFC 6749 section 3.2)', async (path, name) => {
  const whole = { client_id: 'forge-pat', grant_type: GRANTS.device, device_code: 'x', subject_token: 'x', token: 'x' }
  const twice = `${new URLSearchParams({ scope: 'mcp:read', ...whole }).toString()}&${name}=y`
  // A program says who it is by client_id; what asks about tokens is an instance.
  const authorization = path === '/oauth/introspect' ? `Bearer ${scene.instances[0].credential}` : undefined
  const answer = await send(path, twice, 'application/x-www-form-urlencoded', authorization)

  expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_request'])
})

it('takes a parameter without a value for one that was left out', async () => {
  const answer = await send(
    '/oauth/device_authorization',
    'client_id=forge-pat&scope=',
    'application/x-www-form-urlencoded',
  )

  expect(answer.statusCode).toBe(200)
})
