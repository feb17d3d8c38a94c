import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'

import type { LdapCheck, LdapInput } from '../../../../../forge/contract/ldap.ts'
import type { ProviderInputOf, ProviderOf } from '../../../../../forge/contract/sso.ts'
import type { CreatedToken } from '../../../../../forge/contract/token.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  openBrowser,
  type Browser,
  type TestInstance,
  type TestUser,
} from '../../../../support/builders.ts'
import type { Dialect } from '../../../../support/database.ts'
import { startForge, type TestForge, type TestForgeOptions } from '../../../../support/forge.ts'
import { openWalkingBrowser, type WalkingBrowser } from '../../../../support/sso/browser.ts'
import { BASE, createDirectory, GROUPS, passwordOf, SERVICE, type Directory } from '../../../../support/sso/slapd.ts'
import { DAY_MS, NOW } from '../scene.ts'

export { NOW } from '../scene.ts'

/** An OpenLDAP directory, with memberOf. */
export function ldapInput(change: Partial<LdapInput> = {}): LdapInput {
  return {
    url: 'ldaps://ldap.acme.example',
    startTls: false,
    caCertificate: '',
    bindDn: SERVICE.dn,
    bindPassword: SERVICE.password,
    baseDn: BASE,
    userFilter: '(&(objectClass=inetOrgPerson)(|(uid=${username})(mail=${username})))',
    usernameAttribute: 'uid',
    nameAttribute: 'cn',
    mailAttribute: 'mail',
    idAttribute: 'entryUUID',
    groupsFrom: 'memberOf',
    memberOfAttribute: 'memberOf',
    groupBaseDn: GROUPS,
    groupFilter: '(|(member=${dn})(uniqueMember=${dn})(memberUid=${username}))',
    groupNameAttribute: 'cn',
    nestedGroups: false,
    checkMinutes: 15,
    ...change,
  }
}

export function ldapProvider(ldap: LdapInput, change: Partial<ProviderInputOf<'ldap'>> = {}): ProviderInputOf<'ldap'> {
  return {
    type: 'ldap',
    name: 'Acme',
    enabled: true,
    domains: ['acme.example'],
    teams: [],
    groups: { prefix: '', suffix: '', custom: [] },
    provisionUsers: true,
    exposeGroups: false,
    ...change,
    ldap,
  }
}

/** The team line-4 is reached through a real directory, where Alice is in its group of members; Olga owns it by hand. */
export interface LdapWorld {
  directory: Directory
  forge: TestForge
  provider: ProviderOf<'ldap'>
  admin: Browser
  olga: TestUser
  team: { id: string; slug: string }
  instance: TestInstance
  configure(ldap?: Partial<LdapInput>, change?: Partial<ProviderInputOf<'ldap'>>): Promise<void>
  /** Types a user name and a password on the page of the provider. */
  type(username: string, password: string, browser?: WalkingBrowser): ReturnType<WalkingBrowser['call']>
  /** A browser in which somebody has signed in with their password. */
  signIn(uid: string, browser?: WalkingBrowser): Promise<WalkingBrowser>
  mint(browser: WalkingBrowser): Promise<CreatedToken>
  introspect(token: string): Promise<Record<string, unknown> & { active: boolean }>
  /** An administrator looks at the people now. */
  check(): Promise<LdapCheck>
}

export function useLdapWorld(dialect: Dialect = 'sqlite', options: TestForgeOptions = {}): LdapWorld {
  const world = {} as LdapWorld

  beforeAll(async () => {
    world.directory = await createDirectory()
  })
  afterAll(() => world.directory.remove())

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    const { directory } = world
    await directory.clear()
    await directory.addPerson('alice', { cn: 'Alice Arnold' })
    await directory.addPerson('bob')
    await directory.addGroup('ff-line-4-member', ['alice'])

    const forge = await startForge({ dialect, ...options })
    const olga = await createUser(forge, { username: 'olga' })
    const team = await createTeam(forge, { slug: 'line-4', owner: olga })
    const application = await createApplication(forge, { team, name: 'Packaging' })
    const instance = await createInstance(forge, { application, name: 'packer' })
    const admin = await openBrowser(forge, forge.admin)
    const created = await admin(
      'POST',
      '/api/v1/sso/providers',
      ldapProvider(ldapInput({ url: directory.url }), { teams: ['line-4'] }),
    )
    if (created.statusCode !== 201) throw new Error(created.body)
    const provider = created.json<ProviderOf<'ldap'>>()
    Object.assign(world, { forge, olga, team, instance, admin, provider }, actions(world))
  })
  afterEach(async () => {
    await world.forge.close()
    vi.useRealTimers()
  })
  return world
}

function actions(world: LdapWorld): Partial<LdapWorld> {
  const path = () => `/api/v1/sso/providers/${world.provider.id}`
  return {
    async configure(ldap = {}, change = {}) {
      const input = ldapInput({ url: world.directory.url, ...ldap })
      const answer = await world.admin('PUT', path(), ldapProvider(input, { teams: ['line-4'], ...change }))
      if (answer.statusCode !== 200) throw new Error(answer.body)
    },
    type: (username, password, browser = openWalkingBrowser(world.forge)) =>
      browser.call('POST', `/account/sso/${world.provider.id}/password`, { username, password }),
    async signIn(uid, browser = openWalkingBrowser(world.forge)) {
      const answer = await world.type(uid, passwordOf(uid), browser)
      if (answer.statusCode !== 204) throw new Error(answer.body)
      return browser
    },
    async mint(browser) {
      const answer = await browser.call('POST', '/api/v1/tokens', {
        name: 'Claude Code',
        role: 'member',
        readOnly: false,
        grants: [{ type: 'instance', id: world.instance.id }],
        expiresAt: new Date(NOW + 90 * DAY_MS).toISOString(),
      })
      if (answer.statusCode !== 201) throw new Error(answer.body)
      return answer.json<CreatedToken>()
    },
    async introspect(token) {
      const answer = await world.forge.app.inject({
        method: 'POST',
        url: '/oauth/introspect',
        headers: {
          authorization: `Bearer ${world.instance.credential}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        payload: new URLSearchParams({ token }).toString(),
      })
      return answer.json<Record<string, unknown> & { active: boolean }>()
    },
    async check() {
      const answer = await world.admin('POST', `${path()}/check`)
      if (answer.statusCode !== 200) throw new Error(answer.body)
      return answer.json<LdapCheck>()
    },
  }
}
