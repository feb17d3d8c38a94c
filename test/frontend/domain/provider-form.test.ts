import { describe, expect, it } from 'vitest'

import type { Provider, ProviderInputOf } from '../../../forge/contract/sso.ts'
import { emptyProviderForm, formOf, inputOf } from '../../../frontend/domain/provider-form.ts'

const form = {
  ...emptyProviderForm(),
  name: 'Okta',
  oidc: {
    ...emptyProviderForm().oidc,
    issuer: 'https://acme.okta.example ',
    clientId: 'forge',
    clientSecret: 's3cret',
  },
  domains: 'Acme.example,\n acme.co.example\n',
  teams: 'line-4 line-5',
  custom: 'Maintenance = line-4: member\n\nMaintenance=line-4[Packaging, two]: none',
}

describe('the form of a provider', () => {
  it('reads lists and rules as they are typed', () => {
    expect(inputOf(form)).toMatchObject({
      domains: ['acme.example', 'acme.co.example'],
      teams: ['line-4', 'line-5'],
      groups: {
        custom: [
          { group: 'Maintenance', team: 'line-4', role: 'member' },
          { group: 'Maintenance', team: 'line-4', application: 'Packaging, two', role: 'none' },
        ],
      },
      oidc: { issuer: 'https://acme.okta.example', clientSecret: 's3cret', scopes: ['profile', 'email', 'groups'] },
    })
  })

  it('shows what is kept, without its secret, and sends it back as it was', () => {
    const { oidc, ...rest } = inputOf(form) as ProviderInputOf<'oidc'>
    const { clientSecret: _, ...kept } = oidc
    const shown = formOf({ ...rest, oidc: kept } as unknown as Provider)
    expect(shown.oidc.clientSecret).toBe('')
    expect(inputOf(shown)).toEqual({ ...rest, oidc: kept })
  })

  it('shows a directory without its password, and sends it back as it was', () => {
    const typed = { ...emptyProviderForm(), type: 'ldap' as const, name: 'Acme', domains: 'acme.example' }
    const { ldap, ...rest } = inputOf({
      ...typed,
      ldap: { ...typed.ldap, url: 'ldaps://ldap.acme.example/ ', baseDn: 'dc=acme', bindPassword: 's3cret' },
    }) as ProviderInputOf<'ldap'>
    expect(ldap).toMatchObject({ url: 'ldaps://ldap.acme.example', bindPassword: 's3cret', checkMinutes: 15 })

    const { bindPassword: _, ...kept } = ldap
    const shown = formOf({ ...rest, ldap: kept } as unknown as Provider)
    expect(shown.ldap.bindPassword).toBe('')
    expect(inputOf(shown)).toEqual({ ...rest, ldap: kept })
  })

  it.each(['Maintenance', 'Maintenance = line-4', 'Maintenance = line-4: root', '= line-4: member'])(
    'says what is wrong with the rule %j',
    (custom) => {
      expect(() => inputOf({ ...form, custom })).toThrow(/is no rule\. Write: group = team-slug: role/)
    },
  )
})

describe('the form of a SAML provider', () => {
  const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`
  const saml = {
    ...emptyProviderForm().saml,
    entityId: ' http://www.okta.com/exk1 ',
    ssoUrl: 'https://acme.okta.example/sso',
    certificates: `${pem('AAAA')}\n${pem('BBBB')}\n`,
  }

  it('reads several certificates, and shows what is kept as it was typed', () => {
    const input = inputOf({ ...form, type: 'saml', saml }) as ProviderInputOf<'saml'>
    expect(input.saml).toEqual({
      entityId: 'http://www.okta.com/exk1',
      ssoUrl: 'https://acme.okta.example/sso',
      certificates: [pem('AAAA'), pem('BBBB')],
      attributes: { email: 'email', name: 'name', username: 'username', groups: 'groups' },
      trustEmail: false,
    })
    expect(input).not.toHaveProperty('oidc')
    expect(inputOf(formOf(input as unknown as Provider))).toEqual(input)
  })

  it('reads bare certificates that empty lines separate', () => {
    const typed = { ...form, type: 'saml' as const, saml: { ...saml, certificates: 'AA\nBB\n\n \nCC' } }
    expect(inputOf(typed)).toMatchObject({ saml: { certificates: ['AA\nBB', 'CC'] } })
  })
})
