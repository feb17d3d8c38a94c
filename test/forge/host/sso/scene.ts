import { afterEach, beforeEach, vi } from 'vitest'

import type { ProviderInputOf, ProviderOf } from '../../../../forge/contract/sso.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  openBrowser,
  type Browser,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../../support/builders.ts'
import { openWalkingBrowser, type WalkingBrowser } from '../../../support/sso/browser.ts'
import { createOidcIdp, type OidcIdp } from '../../../support/sso/oidc-idp.ts'
import type { Dialect } from '../../../support/database.ts'
import { startForge, type TestForge, type TestForgeOptions } from '../../../support/forge.ts'
import { providerInput } from './samples.ts'

export const NOW = Date.parse('2026-11-24T12:00:00.000Z')
export const DAY_MS = 86_400_000

/** The team line-4 is reached through a real provider, where Alice is in its group of members; Olga owns it by hand. */
export interface SsoWorld {
  forge: TestForge
  idp: OidcIdp
  provider: ProviderOf<'oidc'>
  admin: Browser
  olga: TestUser
  team: { id: string; name: string; slug: string }
  application: TestApplication
  instance: TestInstance
  /** A browser that has signed in at the provider as somebody. */
  signIn(person: string, browser?: WalkingBrowser): Promise<WalkingBrowser>
  start(path?: string): string
}

export function useSsoWorld(
  dialect: Dialect = 'sqlite',
  change: Partial<ProviderInputOf<'oidc'>> = {},
  options: Pick<TestForgeOptions, 'listen'> = {},
): SsoWorld {
  const world = {} as SsoWorld

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    const forge = await startForge({ dialect, ...options })
    const olga = await createUser(forge, { username: 'olga' })
    const team = await createTeam(forge, { slug: 'line-4', owner: olga })
    const application = await createApplication(forge, { team, name: 'Packaging' })
    const instance = await createInstance(forge, { application, name: 'packer' })
    const admin = await openBrowser(forge, forge.admin)

    const idp = await createOidcIdp()
    const input = providerInput({ teams: ['line-4'], ...change })
    const { issuer, clientId, clientSecret } = idp
    const scopes = ['profile', 'email', 'groups']
    const body = { ...input, oidc: { ...input.oidc, issuer, clientId, clientSecret, scopes } }
    const provider = (await admin('POST', '/api/v1/sso/providers', body)).json<ProviderOf<'oidc'>>()
    await idp.start({
      redirect_uris: [provider.addresses.redirect],
      post_logout_redirect_uris: [provider.addresses.signedOut],
      backchannel_logout_uri: provider.addresses.backchannelLogout,
      backchannel_logout_session_required: true,
    })
    idp.accounts.set('alice-1', {
      email: 'alice@acme.example',
      name: 'Alice Arnold',
      username: 'alice',
      groups: ['ff-line-4-member', 'everybody'],
    })

    const start = (path = '/') => `/account/sso/${provider.id}/start?return_to=${encodeURIComponent(path)}`
    const signIn = async (person: string, browser = openWalkingBrowser(forge)) => {
      idp.person = person
      const end = await browser.walk(start())
      if (end !== '/') throw new Error(`signing in ended at ${end}`)
      return browser
    }
    Object.assign(world, { forge, idp, provider, admin, olga, team, application, instance, start, signIn })
  })
  afterEach(async () => {
    await world.idp.stop()
    await world.forge.close()
    vi.useRealTimers()
  })
  return world
}

/** Goes to the provider and back to the door of the forge. @returns the step that is left */
export async function toTheDoor(world: SsoWorld, person: string, browser = openWalkingBrowser(world.forge)) {
  world.idp.person = person
  const { location = '' } = (await browser.call('GET', world.start())).headers
  const back = await browser.throughProvider(location)
  return () => browser.call('GET', back.slice(world.forge.url.length))
}
