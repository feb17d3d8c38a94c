import { describe, expect, it, vi } from 'vitest'

import type { User } from '../../../../../forge/contract/host.ts'
import { openWalkingBrowser, type WalkingBrowser } from '../../../../support/sso/browser.ts'
import { readForm } from '../../../../support/sso/saml-browser.ts'
import { createSigningKey } from '../../../../support/sso/signing-key.ts'
import { NOW } from './scene.ts'
import { samlInput } from './samples.ts'
import { useSamlWorld } from './world.ts'

const world = useSamlWorld()
const alice = { email: 'alice@acme.example', username: 'alice' }

/** The problem that the sign-in page would show. */
async function problem(person: string): Promise<string | null> {
  world.idp.person = person
  const end = await world.ways.walk(openWalkingBrowser(world.forge), world.start())
  return new URLSearchParams(end.split('?')[1]).get('problem')
}

const me = async (browser: WalkingBrowser) => (await browser.call('GET', '/api/v1/user')).json<User>()
const count = (where: object) => world.forge.store.User.count({ where: { ...where } })

describe('signing in through a SAML provider', () => {
  it('makes an account, with the role that the groups give, and returns to where the person was going', async () => {
    world.idp.person = 'alice-1'
    const browser = openWalkingBrowser(world.forge)
    expect(await world.ways.walk(browser, world.start('/tokens/new?team=line-4'))).toBe('/tokens/new?team=line-4')

    const { id: userId, ...person } = await me(browser)
    expect(person).toMatchObject({ username: 'alice', name: 'Alice Arnold', email: 'alice@acme.example', admin: false })
    expect(await world.forge.store.Member.findOne({ where: { userId } })).toMatchObject({
      teamId: world.team.id,
      roleLevel: 30,
      managedBy: world.provider.id,
    })
    expect(await world.forge.store.Identity.findOne({ where: { userId } })).toMatchObject({
      issuer: world.idp.entityId,
      subject: 'alice-1',
      signedInAt: new Date(NOW),
      authTime: new Date(NOW),
      amr: 'pwd',
    })
  })

  it('knows the person again by issuer and NameID, whatever their address is now', async () => {
    const first = await me(await world.signIn('alice-1'))
    world.idp.accounts.set('alice-1', { email: 'arnold@acme.example', groups: [] })
    expect((await me(await world.signIn('alice-1'))).id).toBe(first.id)

    world.idp.accounts.set('alice-2', { ...alice, groups: [] })
    expect(await problem('alice-2')).toBe('account_taken')
  })

  it('lets a token name the person and the role, and refuses it from the moment on that the group is gone', async () => {
    const token = await world.mint(await world.signIn('alice-1'))
    expect(await world.introspect(token)).toMatchObject({
      active: true,
      username: 'alice',
      roles: ['member'],
      auth_time: NOW / 1000,
      amr: ['pwd'],
    })

    world.idp.accounts.set('alice-1', { ...alice, groups: ['ff-line-4-viewer'] })
    await world.signIn('alice-1')
    expect(await world.introspect(token)).toMatchObject({ active: true, roles: ['viewer'] })
    world.idp.accounts.set('alice-1', { ...alice, groups: [] })
    await world.signIn('alice-1')
    expect(await world.introspect(token)).toEqual({ active: false })
  })

  it('ends sessions and new sign-ins when the provider is disabled', async () => {
    const browser = await world.signIn('alice-1')
    await world.configure({ enabled: false })
    expect((await browser.call('GET', '/api/v1/user')).statusCode).toBe(401)
    const { headers } = await browser.call('GET', world.start())
    expect(headers.location).toContain('problem=disabled')
  })

  it('refuses who comes back when the provider was disabled meanwhile', async () => {
    world.idp.person = 'alice-1'
    const browser = openWalkingBrowser(world.forge)
    const { path, fields } = await world.ways.answer(browser, world.start())
    await world.configure({ enabled: false })
    expect(await world.ways.arrive(browser, path, fields)).toContain('problem=disabled')
  })

  it.each([
    ['foreign_domain', { email: 'eve@elsewhere.example', groups: [] }],
    ['email_not_verified', { groups: [] }],
    ['groups_missing', { email: 'eve@acme.example' }],
  ])('turns somebody away because of %s: %j', async (reason, account) => {
    world.idp.accounts.set('eve', account)
    expect(await problem('eve')).toBe(reason)
    expect(await world.forge.store.Identity.count()).toBe(0)
  })

  it('takes no address of a provider that is not trusted with that', async () => {
    const { saml } = samlInput()
    const { entityId, ssoUrl, key } = world.idp
    await world.configure({
      saml: { ...saml, entityId, ssoUrl, certificates: [key.certificate], trustEmail: false },
    })
    expect(await problem('alice-1')).toBe('email_not_verified')
  })

  it('asks for a new proof before minting, and counts only one that is new', async () => {
    const browser = await world.signIn('alice-1')
    vi.setSystemTime(NOW + 20 * 60_000)
    await expect(world.mint(browser)).rejects.toThrow('reauthentication_required')

    world.idp.authenticatedAt = NOW
    const again = `${world.start()}&reauthenticate=true`
    expect(await world.ways.walk(browser, again)).toContain('problem=invalid_answer')
    expect(world.idp.lastRequest?.forceAuthn).toBe(true)
    await expect(world.mint(browser)).rejects.toThrow('reauthentication_required')

    world.idp.authenticatedAt = 0
    expect(await world.ways.walk(browser, again)).toBe('/')
    expect(await world.mint(browser)).toMatch(/^ffpat_/)
  })

  it('takes a certificate that is new beside one that is going, and no more once it is gone', async () => {
    const { saml } = samlInput()
    const { entityId, ssoUrl, key } = world.idp
    const next = createSigningKey().certificate
    const withCertificates = (certificates: string[]) =>
      world.configure({ saml: { ...saml, entityId, ssoUrl, certificates } })
    await withCertificates([next, key.certificate])
    await world.signIn('alice-1')
    await withCertificates([next])
    expect(await problem('alice-1')).toBe('invalid_answer')
  })
})

describe('trying a SAML provider', () => {
  it('shows what it said as it would be mapped, and signs nobody in', async () => {
    const admin = await world.adminBrowser()
    await world.configure({ enabled: false })
    world.idp.person = 'alice-1'
    const page = `/single-sign-on/${world.provider.id}`
    expect(await world.ways.walk(admin, `${world.start()}&test=true`)).toBe(page)

    const { lastTest } = (await world.admin('GET', `/api/v1/sso/providers/${world.provider.id}`)).json<{
      lastTest: object
    }>()
    expect(lastTest).toMatchObject({
      error: null,
      claims: { NameID: 'alice-1', email: 'alice@acme.example', groups: ['ff-line-4-member', 'everybody'] },
      person: { username: 'alice', account: 'new', emailVerified: true },
      roles: [{ team: 'line-4', application: null, role: 'member' }],
      ignored: ['everybody'],
    })
    expect(await count({ email: 'alice@acme.example' })).toBe(0)
    expect((await me(admin)).username).toBe('admin')
  })

  it('is for administrators alone, also at the end of the way', async () => {
    const admin = await world.adminBrowser()
    world.idp.person = 'alice-1'
    const { path, fields } = await world.ways.answer(admin, `${world.start()}&test=true`)
    admin.cookies.delete('sid')
    const answer = await world.ways.fromForge(admin, path, fields)
    expect(answer.statusCode).toBe(404)
    expect((await openWalkingBrowser(world.forge).call('GET', `${world.start()}&test=true`)).statusCode).toBe(404)
  })
})

describe('the way back from a SAML provider', () => {
  async function ready(browser = openWalkingBrowser(world.forge)) {
    world.idp.person = 'alice-1'
    return { browser, ...(await world.ways.answer(browser, world.start())) }
  }
  const nobodyIsIn = async () => {
    expect(await world.forge.store.Identity.count()).toBe(0)
    expect(await world.forge.store.Session.count({ where: { providerId: world.provider.id } })).toBe(0)
  }

  it('is a page that posts again, from the forge: other sites bring no cookie', async () => {
    const { path, fields } = await ready()
    const page = await world.ways.fromProvider(path, fields)
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers['cache-control']).toBe('no-store')
    expect(page.headers['set-cookie']).toBeUndefined()
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]{44}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(readForm(page.body)).toEqual({ action: path, fields: { ...fields, again: '1' } })
    await nobodyIsIn()
  })

  it('goes through at once where the cookie comes along', async () => {
    const { browser, path, fields } = await ready()
    const answer = await world.ways.fromForge(browser, path, fields)
    expect([answer.statusCode, answer.headers.location]).toEqual([303, `${world.forge.url}/`])
  })

  it('counts once, also for who has kept the cookie', async () => {
    const { browser, path, fields } = await ready()
    const cookies = new Map(browser.cookies)
    expect(await world.ways.arrive(browser, path, fields)).toBe('/')
    expect(await world.ways.arrive(browser, path, fields)).toContain('problem=expired')

    const thief = openWalkingBrowser(world.forge)
    cookies.forEach((value, name) => thief.cookies.set(name, value))
    expect(await world.ways.arrive(thief, path, fields)).toContain('problem=expired')
    expect(await world.forge.store.Session.count({ where: { providerId: world.provider.id } })).toBe(1)
  })

  it('counts once when it comes twice at the same moment', async () => {
    const { browser, path, fields } = await ready()
    const answers = await Promise.all([1, 2].map(() => world.ways.fromForge(browser, path, fields)))
    expect(answers.map(({ headers }) => (headers.location ?? '').replace(/^.*(problem=\w+).*$/, '$1')).sort()).toEqual([
      `${world.forge.url}/`,
      'problem=expired',
    ])
  })

  it('is refused in another browser, and after a quarter of an hour', async () => {
    const { browser, path, fields } = await ready()
    const other = await ready()
    expect(await world.ways.arrive(openWalkingBrowser(world.forge), path, fields)).toContain('problem=expired')
    // Somebody else's answer in my browser, under my own state.
    const swapped = { ...fields, RelayState: other.fields['RelayState'] ?? '' }
    expect(await world.ways.arrive(other.browser, path, swapped)).toContain('problem=invalid_answer')

    vi.setSystemTime(NOW + 15 * 60_000)
    expect(await world.ways.arrive(browser, path, fields)).toContain('problem=expired')
    await nobodyIsIn()
  })

  it('is refused when the provider begins it: without a state, or with one of its own', async () => {
    const { browser, path, fields } = await ready()
    for (const RelayState of ['', '/tokens', 'https://evil.example/']) {
      const answer = await world.ways.fromForge(browser, path, { ...fields, RelayState, again: '1' })
      const { origin, pathname, searchParams } = new URL(answer.headers.location ?? '')
      expect([origin, pathname, searchParams.get('problem')]).toEqual([world.forge.url, '/login', 'expired'])
    }
    const without = await world.ways.fromProvider(path, { SAMLResponse: fields['SAMLResponse'] ?? '' })
    expect(without.headers.location).toContain('problem=expired')
    await nobodyIsIn()
  })

  it('is refused at another provider than the one that was asked', async () => {
    const other = (await world.admin('POST', '/api/v1/sso/providers', samlInput({ domains: ['b.example'] }))).json<{
      id: string
    }>()
    const { browser, path, fields } = await ready()
    const end = await world.ways.arrive(browser, path.replace(world.provider.id, other.id), fields)
    expect(end).toContain('problem=expired')
    await nobodyIsIn()
  })

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/\t/evil.example'])(
    'leads to no other site, whatever the beginning said: %j',
    async (path) => {
      world.idp.person = 'alice-1'
      expect(await world.ways.walk(openWalkingBrowser(world.forge), world.start(path))).toBe('/')
    },
  )

  it('ends the session before, so that nothing planted becomes signed in', async () => {
    const browser = await world.signIn('alice-1')
    const before = openWalkingBrowser(world.forge)
    browser.cookies.forEach((value, name) => before.cookies.set(name, value))
    await world.signIn('alice-1', browser)
    expect((await before.call('GET', '/api/v1/user')).statusCode).toBe(401)
    expect((await browser.call('GET', '/api/v1/user')).statusCode).toBe(200)
  })

  it('puts nothing into its page that breaks out of it', async () => {
    const { path, fields } = await ready()
    const page = await world.ways.fromProvider(path, { ...fields, RelayState: '"><script>alert(1)</script>' })
    expect(page.body).not.toContain('<script>alert')
    const markup = await world.ways.fromProvider(path, { ...fields, SAMLResponse: '"><script>' })
    expect(markup.statusCode).toBe(400)
  })

  it('takes nothing that is too large, twice there, or no form', async () => {
    const { path, fields } = await ready()
    const large = await world.ways.fromProvider(path, { ...fields, SAMLResponse: 'A'.repeat(400_000) })
    expect(large.statusCode).toBe(400)
    const huge = await world.ways.fromProvider(path, { ...fields, SAMLResponse: 'A'.repeat(600_000) })
    expect([413, 400]).toContain(huge.statusCode)
    expect((await world.ways.fromProvider(path, {})).statusCode).toBe(400)

    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const url = world.forge.url + path
    const twice = await world.forge.app.inject({
      method: 'POST',
      url,
      headers,
      payload: 'SAMLResponse=a&SAMLResponse=b',
    })
    expect(twice.statusCode).toBe(400)
    expect((await world.forge.app.inject({ method: 'POST', url, payload: fields })).statusCode).toBe(415)
  })
})

describe('the addresses of a SAML provider', () => {
  it('are its metadata, and are there for no other one', async () => {
    const { metadata, entityId, acs } = world.provider.addresses
    const answer = await world.forge.app.inject(metadata)
    expect(answer.headers['content-type']).toContain('application/samlmetadata+xml')
    expect(answer.body).toContain(`entityID="${entityId}"`)
    expect(answer.body).toContain(`Location="${acs}"`)

    const nowhere = '/account/sso/nowhere'
    expect((await world.forge.app.inject(`${nowhere}/metadata`)).statusCode).toBe(404)
    expect((await world.ways.fromProvider(`${nowhere}/acs`, { SAMLResponse: 'YQ==' })).statusCode).toBe(404)
  })
})
