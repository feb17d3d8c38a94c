import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { ProviderOf } from '../../../../../forge/contract/sso.ts'
import { openBrowser, type Browser } from '../../../../support/builders.ts'
import { startForge, type TestForge } from '../../../../support/forge.ts'
import { openWalkingBrowser, type WalkingBrowser } from '../../../../support/sso/browser.ts'
import { createForgedIdp, type ForgedIdp } from '../../../../support/sso/forged-idp.ts'
import { CLIENT_SECRET, providerInput } from '../samples.ts'

let forge: TestForge
let idp: ForgedIdp
let admin: Browser
let provider: ProviderOf<'oidc'>
let other: ProviderOf<'oidc'>

beforeAll(async () => {
  idp = await createForgedIdp()
  forge = await startForge()
  admin = await openBrowser(forge, forge.admin)
  provider = await add('Okta', 'acme.example')
  other = await add('Entra', 'other.example')
})
afterAll(async () => {
  await forge.close()
  await idp.stop()
})
beforeEach(() => {
  idp.userinfo = { sub: 'alice-1' }
})
afterEach(async () => {
  await forge.store.Session.destroy({ where: { providerId: provider.id } })
  await forge.store.User.destroy({ where: { admin: false } })
})

async function add(name: string, domain: string): Promise<ProviderOf<'oidc'>> {
  const input = providerInput({ name, domains: [domain] })
  const body = { ...input, oidc: { ...input.oidc, issuer: idp.issuer } }
  return (await admin('POST', '/api/v1/sso/providers', body)).json<ProviderOf<'oidc'>>()
}

interface Begun {
  browser: WalkingBrowser
  state: string
  nonce: string
  authorize: URL
}

async function begin(query = ''): Promise<Begun> {
  const browser = openWalkingBrowser(forge)
  const { headers } = await browser.call('GET', `/account/sso/${provider.id}/start${query}`)
  const authorize = new URL(headers.location ?? '')
  const [state, nonce] = ['state', 'nonce'].map((name) => authorize.searchParams.get(name) ?? '')
  return { browser, authorize, state: state ?? '', nonce: nonce ?? '' }
}

const seconds = () => Math.floor(Date.now() / 1000)
const claims = (nonce: string, change: object = {}) => ({
  iss: idp.issuer,
  sub: 'alice-1',
  aud: 'forge',
  iat: seconds(),
  exp: seconds() + 300,
  auth_time: seconds(),
  nonce,
  email: 'alice@acme.example',
  email_verified: true,
  ...change,
})

const back = (state: string, change: Record<string, string> = {}) =>
  new URLSearchParams({ code: 'a-code', state, iss: idp.issuer, ...change })

/** Where the callback leads: a path, or the problem that the sign-in page shows. */
async function comeBack(browser: WalkingBrowser, query: URLSearchParams, id = provider.id): Promise<string | null> {
  const { headers } = await browser.call('GET', `/account/sso/${id}/callback?${query.toString()}`)
  const url = new URL(headers.location ?? '')
  expect(url.origin).toBe(forge.url)
  return url.searchParams.get('problem') ?? url.pathname
}

async function nobodyIsIn(): Promise<void> {
  expect(await forge.store.Identity.count()).toBe(0)
  expect(await forge.store.Session.count({ where: { providerId: provider.id } })).toBe(0)
}

describe('the request', () => {
  it('asks with PKCE, a state and a nonce, for the redirect address of this provider alone', async () => {
    const { authorize } = await begin()
    expect(authorize.href.startsWith(`${idp.issuer}/authorize?`)).toBe(true)
    expect(Object.fromEntries(authorize.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'forge',
      redirect_uri: `${forge.url}/account/sso/${provider.id}/callback`,
      code_challenge_method: 'S256',
      scope: 'openid profile email',
    })
    expect(authorize.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/)
  })
})

describe('an ID token', () => {
  it('lets in when it is right', async () => {
    const { browser, state, nonce } = await begin()
    idp.idToken = await idp.sign(claims(nonce))
    expect(await comeBack(browser, back(state))).toBe('/')
  })

  it.each<[string, (nonce: string) => Promise<string>]>([
    ['another nonce', (nonce) => idp.sign(claims(`${nonce}x`))],
    ['no nonce', () => idp.sign({ ...claims(''), nonce: undefined })],
    ['another audience', (nonce) => idp.sign(claims(nonce, { aud: 'somebody-else' }))],
    ['several audiences and another party', (nonce) => idp.sign(claims(nonce, { aud: ['forge', 'x'], azp: 'x' }))],
    ['another issuer', (nonce) => idp.sign(claims(nonce, { iss: 'https://evil.example' }))],
    ['an end that is over', (nonce) => idp.sign(claims(nonce, { iat: seconds() - 900, exp: seconds() - 600 }))],
    ['no subject', (nonce) => idp.sign(claims(nonce, { sub: undefined }))],
    ['the signature of another key', (nonce) => idp.sign(claims(nonce), {}, idp.otherKeys.privateKey)],
    [
      'the client secret as its key',
      (nonce) => idp.sign(claims(nonce), { alg: 'HS256' }, new TextEncoder().encode(CLIENT_SECRET)),
    ],
    ['alg none', async (nonce) => `${encode({ alg: 'none' })}.${encode(claims(nonce))}.`],
    ['alg none and a signature', async (nonce) => `${encode({ alg: 'none' })}.${encode(claims(nonce))}.c2ln`],
    [
      'a body that was changed',
      async (nonce) => {
        const [header, , signature] = (await idp.sign(claims(nonce))).split('.')
        return `${header}.${encode(claims(nonce, { sub: 'bob-1' }))}.${signature}`
      },
    ],
  ])('is refused with %s', async (_, forged) => {
    const { browser, state, nonce } = await begin()
    idp.idToken = await forged(nonce)
    expect(await comeBack(browser, back(state))).toBe('invalid_answer')
    await nobodyIsIn()
  })

  it('is refused with an old proof where a new one was asked for', async () => {
    const { browser, state, nonce, authorize } = await begin('?reauthenticate=true')
    expect(authorize.searchParams.get('prompt')).toBe('login')
    idp.idToken = await idp.sign(claims(nonce, { auth_time: seconds() - 3600 }))
    expect(await comeBack(browser, back(state))).toBe('invalid_answer')
  })

  it('is refused when userinfo speaks of somebody else', async () => {
    idp.userinfo = { sub: 'bob-1' }
    const { browser, state, nonce } = await begin()
    idp.idToken = await idp.sign(claims(nonce))
    expect(await comeBack(browser, back(state))).toBe('invalid_answer')
  })

  it('counts before userinfo', async () => {
    idp.userinfo = { sub: 'alice-1', email: 'root@acme.example', email_verified: true }
    const { browser, state, nonce } = await begin()
    idp.idToken = await idp.sign(claims(nonce))
    await comeBack(browser, back(state))
    expect(await forge.store.User.count({ where: { email: 'alice@acme.example' } })).toBe(1)
  })
})

describe('an answer', () => {
  async function ready() {
    const begun = await begin()
    idp.idToken = await idp.sign(claims(begun.nonce))
    return begun
  }

  it('is refused with another state, with none, and in another browser', async () => {
    const { browser, state } = await ready()
    expect(await comeBack(browser, back(`${state.slice(0, -1)}_`))).toBe('expired')
    expect(await comeBack(openWalkingBrowser(forge), back(state))).toBe('expired')
    expect(await comeBack(browser, new URLSearchParams({ code: 'a-code' }))).toBe('expired')
    await nobodyIsIn()
  })

  it('counts once', async () => {
    const { browser, state } = await ready()
    expect(await comeBack(browser, back(state))).toBe('/')
    expect(await comeBack(browser, back(state))).toBe('expired')
  })

  it('is refused at another provider than the one that was asked', async () => {
    const { browser, state } = await ready()
    expect(await comeBack(browser, back(state), other.id)).toBe('expired')
    await nobodyIsIn()
  })

  it('is refused when it names another issuer, or none where it must (RFC 9207)', async () => {
    const one = await ready()
    expect(await comeBack(one.browser, back(one.state, { iss: 'https://evil.example' }))).toBe('invalid_answer')
    const two = await ready()
    const without = back(two.state)
    without.delete('iss')
    expect(await comeBack(two.browser, without)).toBe('invalid_answer')
    await nobodyIsIn()
  })

  it('is refused with a cookie that somebody made up', async () => {
    const { browser, state } = await ready()
    const [name] = [...browser.cookies.keys()].filter((key) => key.startsWith('sso_'))
    const flow = { providerId: provider.id, purpose: 'sign-in', state, nonce: 'x', codeVerifier: 'x', expiresAt: 9e15 }
    browser.cookies.set(name ?? '', `${forge.keys.id}.${encode(flow)}`)
    expect(await comeBack(browser, back(state))).toBe('expired')
  })

  it('ends the session that was planted in the browser before', async () => {
    const { browser, state } = await ready()
    browser.cookies.set('sid', encodeURIComponent(forge.app.signCookie('planted')))
    await comeBack(browser, back(state))
    expect(browser.cookies.get('sid')).not.toContain('planted')
  })
})

describe('the address to return to', () => {
  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/%0d%0aSet-Cookie: x=y\r\n',
    'javascript:alert(1)',
    '/..//evil.example',
    '@evil.example',
    '.evil.example',
    '',
  ])('%j never leads elsewhere', async (address) => {
    const { browser, state, nonce } = await begin(`?return_to=${encodeURIComponent(address)}`)
    idp.idToken = await idp.sign(claims(nonce))
    const { headers } = await browser.call('GET', `/account/sso/${provider.id}/callback?${back(state).toString()}`)
    const url = new URL(headers.location ?? '')
    expect(url.origin).toBe(forge.url)
    expect(headers.location).not.toMatch(/^http:\/\/forge\.test\/[/\\]|[\r\n\t]/)
  })
})

describe('a provider that does not answer', () => {
  it('stops its own people with a message, within its five seconds, and nobody else', async () => {
    const silent = await createForgedIdp()
    silent.silent = true
    const input = providerInput({ name: 'Slow', domains: ['slow.example'] })
    const body = { ...input, oidc: { ...input.oidc, issuer: silent.issuer } }
    const { id } = (await admin('POST', '/api/v1/sso/providers', body)).json<ProviderOf<'oidc'>>()

    const waiting = openWalkingBrowser(forge).call('GET', `/account/sso/${id}/start`)
    const { browser, state, nonce } = await begin()
    idp.idToken = await idp.sign(claims(nonce))
    expect(await comeBack(browser, back(state))).toBe('/')

    const { headers } = await waiting
    expect(headers.location).toBe(`${forge.url}/login?problem=provider_unavailable&provider=Slow`)
    await silent.stop()
    const gone = await openWalkingBrowser(forge).call('GET', `/account/sso/${id}/start`)
    expect(gone.headers.location).toContain('problem=provider_unavailable')
  })
})

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
