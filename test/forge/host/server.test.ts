import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openBrowser, signIn, type Browser } from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

let forge: TestForge
let session: { cookie: string }
let anyone: Browser
beforeAll(async () => {
  forge = await startForge()
  session = await signIn(forge, forge.admin)
  anyone = await openBrowser(forge)
})
afterAll(() => forge.close())

const post = (headers: Record<string, string>, payload: string, url = '/api/v1/teams') =>
  forge.app.inject({ method: 'POST', url, headers: { ...session, ...headers }, payload })
const JSON_TYPE = { 'content-type': 'application/json' }

describe('every answer', () => {
  it('carries the security headers, and over https asks for https for ever', async () => {
    const secure = await startForge({ origin: 'https://forge.example.com' })
    const { headers } = await secure.app.inject('/health/live')
    await secure.close()

    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'strict-transport-security': expect.stringContaining('max-age='),
    })
    const plain = (await forge.app.inject('/health/live')).headers
    expect(plain).not.toHaveProperty('strict-transport-security')
    expect(plain).not.toHaveProperty('x-powered-by')
  })

  it('to programs carries those that do not only matter to pages', async () => {
    const { headers } = await post({ 'content-type': 'application/x-www-form-urlencoded' }, '', '/oauth/introspect')

    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    })
    expect(headers).not.toHaveProperty('referrer-policy')
  })

  it('of the API is never stored', async () => {
    expect((await anyone('GET', '/api/v1/user')).headers['cache-control']).toBe('no-store')
    expect((await anyone('POST', '/account/login', {})).headers['cache-control']).toBe('no-store')
  })
})

describe('a request that cannot be read', () => {
  it.each([
    ['is no JSON', JSON_TYPE, '{"name":', 400, 'invalid_request'],
    ['is empty', JSON_TYPE, '', 400, 'invalid_request'],
    ['is an array', JSON_TYPE, '[]', 400, 'invalid_request'],
    ['is text', { 'content-type': 'text/plain' }, 'name=x', 415, 'unsupported_media_type'],
    ['is a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'name=x', 415, 'unsupported_media_type'],
    ['poisons prototypes', JSON_TYPE, '{"__proto__":{"admin":true},"name":"x"}', 400, 'invalid_request'],
    ['is huge', JSON_TYPE, JSON.stringify({ name: 'x'.repeat(70_000) }), 413, 'payload_too_large'],
  ])('because its body %s', async (_why, headers, payload, status, code) => {
    const answer = await post(headers, payload)

    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toEqual({ code, error: expect.stringMatching(/^[A-Z].*\.$/) })
  })

  it('because its address is malformed', async () => {
    const answer = await anyone('GET', '/api/v1/%zz')

    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'invalid_request' })
  })

  it.each(['sid', 'sid=', 'sid=%', 'sid=%E0%A4%A', 'sid=a.b; sid=c.d', '=;;,', `sid=${'x'.repeat(5000)}`])(
    'has no session with the cookie %s',
    async (cookie) => {
      const answer = await forge.app.inject({ url: '/api/v1/user', headers: { cookie } })

      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toEqual({ code: 'unauthorized', error: 'Sign in first.' })
    },
  )
})

describe('an address that does not exist', () => {
  it('is 404 in the words of the API', async () => {
    const answer = await anyone('GET', '/api/v1/nothing')

    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toEqual({ code: 'not_found', error: 'There is nothing at this address.' })
  })
})

describe('a request from another site', () => {
  it.each([
    ['says so', { 'sec-fetch-site': 'cross-site' }],
    ['comes from a sibling', { 'sec-fetch-site': 'same-site' }],
    ['has another origin', { origin: 'https://evil.example' }],
    ['hides its origin', { origin: 'null' }],
  ])('changes nothing when it %s', async (_how, headers) => {
    const team = await post({ ...JSON_TYPE, ...headers }, '{"name":"Planted"}')
    const login = await post({ ...JSON_TYPE, ...headers }, '{"username":"admin","password":"x"}', '/account/login')

    expect(team.statusCode).toBe(403)
    expect(team.json()).toMatchObject({ code: 'cross_site' })
    expect(login.json()).toMatchObject({ code: 'cross_site' })
    expect(await forge.store.Team.count({ where: { name: 'Planted' } })).toBe(0)
  })
})

describe('a token in the place of a session', () => {
  it.each(['/api/v1/user', '/api/v1/teams', '/api/v1/users'])('does not open %s', async (url) => {
    const answer = await forge.app.inject({ url, headers: { authorization: 'Bearer ffpat_x' } })

    expect(answer.statusCode).toBe(403)
    expect(answer.json()).toMatchObject({ code: 'session_required' })
  })
})
