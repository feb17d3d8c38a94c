import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ProviderOf } from '../../../../../forge/contract/sso.ts'
import { openBrowser, type Browser } from '../../../../support/builders.ts'
import { startForge, type TestForge } from '../../../../support/forge.ts'
import { createSigningKey } from '../../../../support/sso/signing-key.ts'
import { providerInput } from '../samples.ts'
import { samlInput } from './samples.ts'
import { keys } from './scene.ts'

const PATH = '/api/v1/sso/providers'
let forge: TestForge
let admin: Browser
beforeAll(async () => {
  forge = await startForge()
  admin = await openBrowser(forge, forge.admin)
})
afterAll(() => forge.close())

const withSaml = (change: object) => ({ ...samlInput(), saml: { ...samlInput().saml, ...change } })

describe('a SAML provider', () => {
  it('is shown with its addresses and what is in its certificates, and sent back as it was', async () => {
    const bare = keys.current.certificate.replace(/-----.*-----/g, '').trim()
    const created = await admin('POST', PATH, withSaml({ certificates: [bare] }))
    expect(created.statusCode, created.body).toBe(201)
    const provider = created.json<ProviderOf<'saml'>>()
    const base = `${forge.url}/account/sso/${provider.id}`
    expect(provider).toMatchObject({
      type: 'saml',
      saml: samlInput().saml,
      certificates: [{ subject: 'CN=idp of a test', validTo: '2049-12-31T00:00:00.000Z' }],
      addresses: { entityId: `${base}/metadata`, acs: `${base}/acs`, metadata: `${base}/metadata` },
    })
    expect(provider).not.toHaveProperty('hasSecret')

    const again = await admin('PUT', `${PATH}/${provider.id}`, { ...samlInput(), saml: provider.saml })
    expect(again.json<ProviderOf<'saml'>>().saml).toEqual(provider.saml)
  })

  it.each([
    ['no certificate', { certificates: [] }],
    ['something else for a certificate', { certificates: ['A'.repeat(200)] }],
    ['a key that is too short', { certificates: [createSigningKey({ bits: 1024 }).certificate] }],
    ['its private key for a certificate', { certificates: [keys.current.privateKey] }],
    ['an address without TLS', { ssoUrl: 'http://idp.acme.example/sso' }],
    ['an address that is a script', { ssoUrl: 'javascript:alert(1)' }],
    ['an address with a password', { ssoUrl: 'https://user:pw@idp.acme.example/sso' }],
    ['no name', { entityId: '' }],
    ['an attribute without a name', { attributes: { ...samlInput().saml.attributes, groups: '' } }],
    ['something that is not its own', { issuer: 'https://idp.acme.example' }],
  ])('is refused with %s', async (_, change) => {
    const before = await forge.store.Provider.count()
    const answer = await admin('POST', PATH, { ...withSaml(change), domains: ['other.example'] })
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'invalid_request'])
    expect(answer.body).not.toContain('PRIVATE')
    expect(await forge.store.Provider.count()).toBe(before)
  })

  it('keeps its type', async () => {
    const input = samlInput({ domains: ['kept.example'] })
    const { id } = (await admin('POST', PATH, input)).json<{ id: string }>()
    const answer = await admin('PUT', `${PATH}/${id}`, providerInput({ domains: ['kept.example'] }))
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([
      409,
      'A provider keeps its type. Add another one instead.',
    ])
    expect((await admin('GET', `${PATH}/${id}`)).json<{ type: string }>().type).toBe('saml')
  })

  it('has none of the addresses of OpenID Connect, nor has one of those its own', async () => {
    const saml = (await admin('POST', PATH, samlInput({ domains: ['a.example'] }))).json<{ id: string }>()
    const oidc = (await admin('POST', PATH, providerInput({ domains: ['b.example'] }))).json<{ id: string }>()
    const post = (path: string, form: Record<string, string>) =>
      forge.app.inject({
        method: 'POST',
        url: `/account/sso/${path}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(form).toString(),
      })

    const statuses = [
      await post(`${saml.id}/backchannel-logout`, { logout_token: 'x' }),
      await forge.app.inject(`/account/sso/${saml.id}/callback?state=x`),
      await post(`${oidc.id}/acs`, { SAMLResponse: 'YQ==', RelayState: 'x' }),
      await forge.app.inject(`/account/sso/${oidc.id}/metadata`),
    ].map(({ statusCode }) => statusCode)
    expect(statuses).toEqual([404, 404, 404, 404])
  })
})
