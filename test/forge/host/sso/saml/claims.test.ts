import { describe, expect, it } from 'vitest'

import { NOW, read, signed } from './scene.ts'

const proved = async (...given: Parameters<typeof signed>) => {
  const outcome = await read(signed(...given))
  if (!('proved' in outcome)) throw new Error(outcome.why)
  return outcome.proved
}
const CLASSES = 'urn:oasis:names:tc:SAML:2.0:ac:classes:'

describe('what a response proves', () => {
  it('is the issuer and the NameID, with the attributes that the settings name', async () => {
    const attributes = {
      email: ['alice@acme.example'],
      name: ['Alice &amp; Bob'],
      username: ['alice'],
      groups: ['ff-line-4-member', 'everybody'],
    }
    const outcome = await read(signed({ attributes, authenticatedAt: NOW - 5_000 }))
    expect(outcome).toEqual({
      proved: {
        issuer: 'https://idp.acme.example/saml',
        subject: 'alice-1',
        username: 'alice',
        name: 'Alice & Bob',
        email: 'alice@acme.example',
        emailVerified: true,
        groups: ['ff-line-4-member', 'everybody'],
        authTime: NOW - 5_000,
        amr: ['pwd'],
      },
      claims: {
        NameID: 'alice-1',
        'NameID Format': 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        AuthnInstant: '2026-11-24T11:59:55.000Z',
        AuthnContextClassRef: `${CLASSES}PasswordProtectedTransport`,
        email: 'alice@acme.example',
        name: 'Alice & Bob',
        username: 'alice',
        groups: ['ff-line-4-member', 'everybody'],
      },
    })
  })

  it('has the e-mail address of the NameID where that is one, and a name in any case', async () => {
    const nameIdFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
    expect(await proved({ nameId: 'al@acme.example', nameIdFormat, attributes: {} })).toMatchObject({
      subject: 'al@acme.example',
      email: 'al@acme.example',
      username: 'al@acme.example',
      name: 'al@acme.example',
    })
    expect(await proved({ attributes: {} })).toMatchObject({ email: null, emailVerified: false, name: 'alice-1' })
  })

  it('tells no groups from none at all', async () => {
    expect(await proved({ attributes: {} })).toHaveProperty('groups', null)
    expect(await proved({ attributes: { groups: [] } })).toHaveProperty('groups', [])
    expect(await proved({ attributes: { groups: ['one'] } })).toHaveProperty('groups', ['one'])
  })

  it('passes over values that hold more than text', async () => {
    const groups = ['<saml:NameID>ff-line-4-owner</saml:NameID>', 'one', 'two&#127;']
    expect(await proved({ attributes: { groups: [groups[0] ?? '', 'one'] } })).toHaveProperty('groups', ['one'])
    const message = signed({ attributes: { groups } }).replace('\x7f', '&#127;')
    expect(await read(message)).toMatchObject({ proved: { groups: ['one'] } })
  })

  it('takes an address as verified where the provider is trusted with it, or says so', async () => {
    const strict = (attributes: Record<string, string[]>) =>
      read(signed({ attributes }), { change: { trustEmail: false } })
    const email = ['alice@acme.example']
    expect(await strict({ email })).toMatchObject({ proved: { emailVerified: false } })
    expect(await strict({ email, email_verified: ['false'] })).toMatchObject({ proved: { emailVerified: false } })
    expect(await strict({ email, email_verified: ['true'] })).toMatchObject({ proved: { emailVerified: true } })
  })

  it.each([
    [`${CLASSES}Password`, ['pwd']],
    [`${CLASSES}Kerberos`, ['wia']],
    [`${CLASSES}SmartcardPKI`, ['sc']],
    ['https://refeds.org/profile/mfa', ['mfa']],
    [`${CLASSES}unspecified`, []],
    ['https://acme.example/by-hand', ['https://acme.example/by-hand']],
    ['by hand', []],
  ])('has how they signed in as RFC 8176 writes it: %s', async (contextClass, amr) => {
    expect(await proved({ contextClass })).toHaveProperty('amr', amr)
  })
})
