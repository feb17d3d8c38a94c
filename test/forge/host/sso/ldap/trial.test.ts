import { describe, expect, it } from 'vitest'

import type { LdapInput } from '../../../../../forge/contract/ldap.ts'
import type { ProviderOf } from '../../../../../forge/contract/sso.ts'
import { createUser, openBrowser } from '../../../../support/builders.ts'
import { certificateOf, dnOf, hasSlapd, passwordOf, PEOPLE } from '../../../../support/sso/slapd.ts'
import { ldapInput, ldapProvider, useLdapWorld } from './scene.ts'

describe.runIf(hasSlapd)('a provider with a directory', () => {
  const world = useLdapWorld()
  const path = () => `/api/v1/sso/providers/${world.provider.id}`
  const attempt = async (username: string, password?: string) => {
    const answer = await world.admin('POST', `${path()}/trial`, { username, ...(password ? { password } : {}) })
    expect(answer.statusCode, answer.body).toBe(200)
    return answer.json<ProviderOf<'ldap'>>().lastTest
  }

  it('shows an administrator the attributes of somebody as they would be mapped, and signs nobody in', async () => {
    await world.directory.addGroup('everybody', ['alice'])
    const test = await attempt('alice', passwordOf('alice'))
    expect(test).toMatchObject({
      error: null,
      claims: { dn: dnOf('alice'), uid: ['alice'], cn: ['Alice Arnold'], mail: ['alice@acme.example'] },
      person: { username: 'alice', name: 'Alice Arnold', emailVerified: true, account: 'new' },
      roles: [{ team: 'line-4', application: null, role: 'member' }],
      ignored: ['everybody'],
    })
    expect(JSON.stringify(test)).not.toContain(passwordOf('alice'))
    expect(await world.forge.store.User.count({ where: { email: 'alice@acme.example' } })).toBe(0)
    expect((await attempt('bob'))?.roles).toEqual([])
  })

  it('names the step that failed', async () => {
    const failsWith = async (error: string, detail: RegExp, change: Partial<LdapInput> = {}, username = 'alice') => {
      await world.configure(change)
      const test = await attempt(username)
      expect([test?.error, test?.detail]).toEqual([error, expect.stringMatching(detail)])
    }
    const { secureUrl } = world.directory
    await failsWith('ldap_connect', /ECONNREFUSED/, { url: 'ldap://127.0.0.1:1' })
    await failsWith('ldap_certificate', /SELF_SIGNED_CERT_IN_CHAIN/, { url: secureUrl })
    await failsWith('ldap_certificate', /./, { url: secureUrl, caCertificate: await certificateOf('other') })
    await failsWith('ldap_bind', /credentials/i, { bindPassword: 'wrong' })
    await failsWith('ldap_base', /./, { baseDn: 'ou=moved,dc=acme,dc=example' })

    await world.configure()
    expect(await attempt('nobody')).toMatchObject({ error: 'ldap_nobody', person: null })
    expect(await attempt('alice', 'wrong')).toMatchObject({ error: 'ldap_password', detail: dnOf('alice') })
    await world.directory.change(dnOf('bob'), { nsAccountLock: ['TRUE'] })
    expect(await attempt('bob')).toMatchObject({ error: 'ldap_disabled' })
    const twin = { objectClass: 'inetOrgPerson', uid: 'alice', cn: 'twin', sn: 'twin' }
    await world.directory.add(`cn=twin,${PEOPLE}`, twin)
    expect(await attempt('alice')).toMatchObject({
      error: 'ldap_several',
      detail: `${dnOf('alice')} · cn=twin,${PEOPLE}`,
    })

    await world.directory.delete(dnOf('alice'))
    await world.configure({ idAttribute: 'carLicense' })
    expect(await attempt('alice')).toMatchObject({ error: 'ldap_no_id' })
  })

  it('keeps the password that it searches with encrypted, and shows it to no other directory', async () => {
    const stored = JSON.stringify(await world.forge.db.query('SELECT * FROM sso_providers'))
    const { bindPassword, ...ldap } = ldapInput({ url: world.directory.url })
    expect(stored).not.toContain(bindPassword)
    expect(JSON.stringify(world.provider)).not.toContain(bindPassword)

    const put = async (change: Partial<LdapInput>) =>
      (await world.admin('PUT', path(), ldapProvider({ ...ldap, ...change }))).json<{ hasSecret: boolean }>().hasSecret
    expect(await put({})).toBe(true)
    expect(await put({ url: 'ldaps://elsewhere.example' })).toBe(false)
  })

  it.each([
    ['plain LDAP elsewhere', { url: 'ldap://ldap.acme.example' }, /over TLS alone/],
    ['plain LDAP to a name that begins like this machine', { url: 'ldap://localhost.evil.example' }, /over TLS alone/],
    ['StartTLS under TLS', { url: 'ldaps://ldap.acme.example', startTls: true }, /startTls/],
    ['a filter without a place for the name', { userFilter: '(uid=alice)' }, /must hold/],
    ['a filter that is none', { userFilter: '(&(uid=${username})' }, /no filter/],
    ['an authority that is none', { caCertificate: 'trust me' }, /no certificate/],
    ['an attribute that is none', { mailAttribute: 'mail)(x=' }, /idAttribute|mailAttribute/],
  ])('is refused with %s', async (_, change, message) => {
    const answer = await world.admin('POST', '/api/v1/sso/providers', {
      ...ldapProvider(ldapInput(change)),
      domains: ['other.example'],
    })
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, expect.stringMatching(message)])
  })

  it('is tried and checked by administrators alone, and keeps its type', async () => {
    const somebody = await openBrowser(world.forge, await createUser(world.forge))
    expect((await somebody('POST', `${path()}/trial`, { username: 'alice' })).statusCode).toBe(403)
    expect((await somebody('POST', `${path()}/check`)).statusCode).toBe(403)
    expect((await world.admin('POST', '/api/v1/sso/providers/nowhere/check')).statusCode).toBe(404)
    const { ldap: _, ...common } = ldapProvider(ldapInput())
    const oidc = { issuer: 'https://x.example', clientId: 'x', scopes: [], groupsClaim: 'groups', trustEmail: false }
    expect((await world.admin('PUT', path(), { ...common, type: 'oidc', oidc })).statusCode).toBe(409)
  })
})
