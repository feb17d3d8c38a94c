import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'

import type { ProviderInputOf, ProviderOf } from '../../../../../forge/contract/sso.ts'
import type { CreatedToken } from '../../../../../forge/contract/token.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  openBrowser,
  signIn as signInByPassword,
  type Browser,
  type TestInstance,
} from '../../../../support/builders.ts'
import { startForge, type TestForge, type TestForgeOptions } from '../../../../support/forge.ts'
import { openWalkingBrowser, type WalkingBrowser } from '../../../../support/sso/browser.ts'
import { samlWays } from '../../../../support/sso/saml-browser.ts'
import { createSamlIdp, type SamlIdp } from '../../../../support/sso/saml-idp.ts'
import { NOW } from './scene.ts'
import { samlInput } from './samples.ts'

/** The team line-4 is reached through a real SAML provider, where Alice is in its group of members. */
export interface SamlWorld {
  forge: TestForge
  idp: SamlIdp
  ways: ReturnType<typeof samlWays>
  provider: ProviderOf<'saml'>
  admin: Browser
  team: { id: string }
  instance: TestInstance
  start(path?: string): string
  signIn(person: string, browser?: WalkingBrowser): Promise<WalkingBrowser>
  /** A browser in which the administrator is signed in with a password. */
  adminBrowser(): Promise<WalkingBrowser>
  configure(change: Partial<ProviderInputOf<'saml'>>): Promise<void>
  mint(browser: WalkingBrowser): Promise<string>
  introspect(token: string): Promise<Record<string, unknown>>
}

export function useSamlWorld(
  change: Partial<ProviderInputOf<'saml'>> = {},
  options: Pick<TestForgeOptions, 'listen'> = {},
): SamlWorld {
  const world = {} as SamlWorld
  const input = (more: Partial<ProviderInputOf<'saml'>> = {}) => {
    const { entityId, ssoUrl, key } = world.idp
    const { saml, ...rest } = samlInput({ teams: ['line-4'], ...change, ...more })
    return { ...rest, saml: { ...saml, entityId, ssoUrl, certificates: [key.certificate], ...more.saml } }
  }

  beforeAll(async () => {
    world.idp = await createSamlIdp()
  })
  afterAll(() => world.idp.stop())

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    const forge = await startForge(options)
    const olga = await createUser(forge, { username: 'olga' })
    const team = await createTeam(forge, { slug: 'line-4', owner: olga })
    const application = await createApplication(forge, { team, name: 'Packaging' })
    const instance = await createInstance(forge, { application, name: 'packer' })
    const admin = await openBrowser(forge, forge.admin)

    const created = await admin('POST', '/api/v1/sso/providers', input())
    if (created.statusCode !== 201) throw new Error(created.body)
    const provider = created.json<ProviderOf<'saml'>>()
    const metadata = await forge.app.inject(provider.addresses.metadata)
    world.idp.trust(metadata.body)
    world.idp.accounts.clear()
    world.idp.authenticatedAt = 0
    const groups = ['ff-line-4-member', 'everybody']
    world.idp.accounts.set('alice-1', { email: 'alice@acme.example', name: 'Alice Arnold', username: 'alice', groups })
    Object.assign(world, { forge, provider, admin, team, instance, ways: samlWays(forge, world.idp) })
  })
  afterEach(async () => {
    await world.forge.close()
    vi.useRealTimers()
  })

  world.start = (path = '/') => `/account/sso/${world.provider.id}/start?return_to=${encodeURIComponent(path)}`
  world.signIn = async (person, browser = openWalkingBrowser(world.forge)) => {
    world.idp.person = person
    const end = await world.ways.walk(browser, world.start())
    if (end !== '/') throw new Error(`signing in ended at ${end}`)
    return browser
  }
  world.adminBrowser = async () => {
    const browser = openWalkingBrowser(world.forge)
    const { cookie } = await signInByPassword(world.forge, world.forge.admin)
    browser.cookies.set('sid', cookie.slice('sid='.length))
    return browser
  }
  world.configure = async (more) => {
    const answer = await world.admin('PUT', `/api/v1/sso/providers/${world.provider.id}`, input(more))
    if (answer.statusCode !== 200) throw new Error(answer.body)
  }
  world.mint = async (browser) => {
    const grants = [{ type: 'instance', id: world.instance.id }]
    const expiresAt = new Date(Date.now() + 80_000_000).toISOString()
    const wish = { name: 'Claude Code', role: 'member', readOnly: false, grants, expiresAt }
    const answer = await browser.call('POST', '/api/v1/tokens', wish)
    if (answer.statusCode !== 201) throw new Error(answer.body)
    return answer.json<CreatedToken>().token
  }
  world.introspect = async (token) => {
    const answer = await world.forge.app.inject({
      method: 'POST',
      url: '/oauth/introspect',
      headers: {
        authorization: `Bearer ${world.instance.credential}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams({ token }).toString(),
    })
    return answer.json<Record<string, unknown>>()
  }
  return world
}
