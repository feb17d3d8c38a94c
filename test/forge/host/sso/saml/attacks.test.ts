import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { assertionXml, encode, responseXml, signXml, type Said } from '../../../../support/sso/saml-messages.ts'
import { WRAPPINGS } from '../../../../support/sso/saml-wrapping.ts'
import { createSigningKey } from '../../../../support/sso/signing-key.ts'
import { addresses, IDP, keys, NOW, read, said, signed } from './scene.ts'

const refused = (why: string | RegExp) => ({
  problem: 'invalid_answer',
  why: typeof why === 'string' ? why : (expect.stringMatching(why) as string),
})

describe('a response', () => {
  it.each<[string, Partial<Said>, string]>([
    ['for another audience', { audience: 'https://else.example' }, 'another audience'],
    ['of another issuer', { issuer: 'https://evil.example' }, 'another issuer'],
    ['of another issuer around the assertion', { responseIssuer: 'https://evil.example' }, 'another issuer'],
    ['for another destination', { destination: 'https://else.example/acs' }, 'another destination'],
    ['for another recipient', { recipient: 'https://else.example/acs' }, 'another recipient'],
    ['to another request', { inResponseTo: '_request-2' }, 'an answer to another request'],
    ['to no request at all, as the provider begins one', { inResponseTo: null }, 'an answer to another request'],
    ['whose assertion answers another', { subjectInResponseTo: '_request-2' }, 'an answer to another request'],
    ['whose assertion answers none', { subjectInResponseTo: null }, 'an answer to another request'],
    ['that is over', { validFor: -60_000 }, 'not valid at this time'],
    ['that is to come', { notBefore: NOW + 60_001 }, 'not valid at this time'],
    ['with a proof that is to come', { authenticatedAt: NOW + 60_001 }, 'a proof without a time, or to come'],
    ['with a transient NameID', { nameIdFormat: TRANSIENT() }, 'a transient NameID'],
    ['with an empty NameID', { nameId: ' ' }, 'no NameID, or a long one'],
    ['with elements in the NameID', { nameId: 'root<saml:Audience/>' }, 'no NameID, or a long one'],
    ['with a NameID that no table holds', { nameId: 'a'.repeat(256) }, 'no NameID, or a long one'],
  ])('is refused %s', async (_, change, why) => {
    expect(await read(signed(change))).toEqual(refused(why))
  })

  it('is refused to the millisecond outside of the minute that clocks may differ, and taken within', async () => {
    expect(await read(signed({ validFor: -59_999 }))).toHaveProperty('proved')
    expect(await read(signed({ notBefore: NOW + 60_000 }))).toHaveProperty('proved')
  })

  it('is refused with a control character in the NameID, however it is written', async () => {
    const message = signed({ nameId: 'root&#127;' })
    expect(await read(message)).toEqual(refused('control characters'))
    expect(await read(message.replace('\x7f', '&#127;'))).toEqual(refused('no NameID, or a long one'))
  })

  it('is refused where the provider says that it refused the person', async () => {
    const status = 'urn:oasis:names:tc:SAML:2.0:status:'
    const without = (code: string) => responseXml(said({ status: status + code }), '')
    expect(await read(without('AuthnFailed'))).toMatchObject({ problem: 'denied' })
    expect(await read(without('Responder'))).toMatchObject({ problem: 'invalid_answer' })
  })

  it('is refused with a status of failure, however good its assertion', async () => {
    const status = 'urn:oasis:names:tc:SAML:2.0:status:Responder'
    expect(await read(signed({ status }))).toEqual(refused(`the status is ${status}`))
  })

  it('is refused without an assertion', async () => {
    const empty = signXml(responseXml(said(), ''), { key: keys.current, of: 'Response' })
    expect(await read(empty)).toEqual(refused('no assertion'))
  })

  it('is refused with an old proof where a new one was asked for', async () => {
    const old = { authenticatedAt: NOW - 360_001 }
    expect(await read(signed(old), { reauthenticate: true })).toEqual(refused('an old proof'))
    expect(await read(signed(old))).toHaveProperty('proved')
    expect(await read(signed({ authenticatedAt: NOW - 360_000 }), { reauthenticate: true })).toHaveProperty('proved')
  })

  it.each([
    ['no end of its confirmation', / NotOnOrAfter="[^"]*" Recipient/, ' Recipient', /NotOnOrAfter/],
    ['no confirmation', /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/, '', /SubjectConfirmation/],
    ['another confirmation', 'cm:bearer', 'cm:sender-vouches', 'no bearer confirmation'],
    ['no conditions', /<saml:Conditions.*<\/saml:Conditions>/, '', /Conditions|conditions|null/],
    ['no audience', /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, '', /udience/],
    [
      'a condition of its own',
      '<saml:AudienceRestriction>',
      '<saml:Condition/><saml:AudienceRestriction>',
      /condition/,
    ],
    ['no statement of a sign-in', /<saml:AuthnStatement.*<\/saml:AuthnStatement>/, '', /AuthnStatement/],
    ['a session that is over', 'SessionIndex', 'SessionNotOnOrAfter="2026-11-24T11:59:00Z" SessionIndex', /over/],
    ['a time that is none', /AuthnInstant="[^"]*"/, 'AuthnInstant="yesterday"', /no time/],
    ['a time of no place', /AuthnInstant="[^"]*"/, 'AuthnInstant="2026-11-24T12:00:00"', /no time/],
    ['another version', /(ID="_assertion" Version=)"2.0"/, '$1"1.1"', 'another version'],
  ])('is refused with %s', async (_, what, instead, why) => {
    const changed = assertionXml(said()).replace(what, instead)
    const message = signXml(responseXml(said(), changed), { key: keys.current, of: 'Response' })
    expect(await read(message)).toEqual(refused(why))
  })
})

function TRANSIENT() {
  return 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
}

describe('a signature', () => {
  it('is missed where there is none', async () => {
    expect(await read(responseXml(said()))).toEqual(refused('no signature'))
  })

  it.each(['Assertion', 'Response'] as const)('is taken over the %s, or over both', async (of) => {
    expect(await read(signed({}, { of }))).toMatchObject({ proved: { subject: 'alice-1' } })
    const both = signXml(signed(), { key: keys.current, of: 'Response' })
    expect(await read(both)).toMatchObject({ proved: { subject: 'alice-1' } })
  })

  it('is refused by a foreign key, also where its certificate comes along', async () => {
    const why = refused('a signature by none of the certificates')
    expect(await read(signed({}, { key: keys.foreign }))).toEqual(why)
    const posing = { key: keys.foreign, keyInfo: keys.current.certificate }
    expect(await read(signed({}, posing))).toEqual(why)
  })

  it('has to be right on the assertion and on the response, where both have one', async () => {
    const outer = signXml(signed({}, { key: keys.foreign }), { key: keys.current, of: 'Response' })
    expect(await read(outer)).toEqual(refused('a signature by none of the certificates'))
    const inner = signXml(signed(), { key: keys.foreign, of: 'Response' })
    expect(await read(inner)).toEqual(refused('a signature by none of the certificates'))
    const broken = signXml(signed(), { key: keys.current, of: 'Response' }).replace(
      'ff-line-4-member',
      'ff-line-4-owner',
    )
    expect(await read(broken)).toEqual(refused('Invalid document signature'))
  })

  it.each([
    ['SHA-1 signatures', { signature: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }, /SignatureMethod/],
    ['SHA-1 digests', { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' }, /DigestMethod/],
    [
      'inclusive canonicalization',
      { canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' },
      /Canonical|Transform/,
    ],
  ])('is refused with %s', async (_, how, why) => {
    expect(await read(signed({}, how))).toEqual(refused(why))
  })

  it('is refused with a shared secret for a key', async () => {
    const hmac = signed().replace('xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256')
    expect(await read(hmac)).toEqual(refused(/SignatureMethod/))
  })

  it('is refused over another element, over everything, and over nothing', async () => {
    for (const uri of ['#_response', '', '#']) {
      const moved = signed().replace('URI="#_assertion"', `URI="${uri}"`)
      expect(await read(moved)).toEqual(refused('a signature over another element'))
    }
    const twice = signed().replace(/<ds:Reference .*<\/ds:Reference>/s, (all) => all + all)
    expect(await read(twice)).toEqual(refused('not exactly one Reference in SignedInfo'))
  })

  it('is refused once anything that it covers is changed', async () => {
    for (const [what, instead] of [
      ['>alice-1<', '>bob-1<'],
      ['ff-line-4-member', 'ff-line-4-owner'],
      ['alice@acme.example', 'root@acme.example'],
    ] as const) {
      expect(await read(signed().replace(what, instead))).toEqual(refused('Invalid signature'))
    }
  })

  it('is refused twice over one element', async () => {
    const twice = signed().replace(/<ds:Signature .*<\/ds:Signature>/s, (all) => all + all)
    expect(await read(twice)).toEqual(refused('several signatures of one element'))
  })

  it.each(Object.entries(WRAPPINGS))('is not wrapped: %s', async (_, { of, wrap }) => {
    const message = signed({}, { of })
    expect(await read(message)).toHaveProperty('proved')

    const forge = (xml: string) =>
      xml.replace('>alice-1<', '>root<').replace(/ID="_(response|assertion)"/g, 'ID="_forged-$1"')
    const wrapped = wrap(message, forge)
    expect(wrapped).toContain('>root<')
    expect(wrapped).toContain('>alice-1<')
    expect(await read(wrapped)).toHaveProperty('problem', 'invalid_answer')
  })
})

describe('a certificate', () => {
  it('is one of several while the provider changes its key', async () => {
    const both = { certificates: [keys.current.certificate, keys.next.certificate] }
    expect(await read(signed({}, { key: keys.next }), { change: both })).toHaveProperty('proved')
    expect(await read(signed(), { change: both })).toHaveProperty('proved')
    const afterwards = { certificates: [keys.next.certificate] }
    expect(await read(signed(), { change: afterwards })).toEqual(refused('a signature by none of the certificates'))
  })

  it('counts from its first to its last second', async () => {
    const key = createSigningKey({ from: '261124110000Z', to: '261124130000Z' })
    const change = { certificates: [key.certificate] }
    const at = (time: string) => Date.parse(`2026-11-24T${time}Z`)
    const reading = (now: number) => read(signed({ now }, { key }), { change, now })
    expect(await reading(at('11:00:00'))).toHaveProperty('proved')
    expect(await reading(at('13:00:00'))).toHaveProperty('proved')
    const over = refused('no certificate of the provider is valid now')
    expect(await reading(at('10:59:59'))).toEqual(over)
    expect(await reading(at('13:00:01'))).toEqual(over)
  })

  it('that is over leaves the other ones in place', async () => {
    const old = createSigningKey({ to: '251124130000Z' })
    const change = { certificates: [old.certificate, keys.current.certificate] }
    expect(await read(signed(), { change })).toHaveProperty('proved')
    expect(await read(signed({}, { key: old }), { change })).toEqual(refused('a signature by none of the certificates'))
  })
})

describe('a document', () => {
  const markup = refused('a DTD, comment, CDATA section or processing instruction')

  it.each([
    ['a comment in the NameID', signed({ nameId: 'root' }).replace('>root<', '>ro<!-- -->ot<')],
    ['CDATA in the NameID', signed().replace('>alice-1<', '><![CDATA[alice-1]]><')],
    ['a processing instruction', signed().replace('>alice-1<', '>alice-<?x?>1<')],
    [
      'an external entity',
      `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${signed().replace('alice-1', '&x;')}`,
    ],
    ['a DTD elsewhere', `<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">${signed()}`],
    ['an entity bomb', `<!DOCTYPE r [${bomb()}]>${signed().replace('alice-1', '&b9;')}`],
  ])('is refused with %s', async (_, message) => {
    expect(await read(message)).toEqual(markup)
  })

  it('that is signed with a comment in its NameID is refused too', async () => {
    const nameId = 'root@acme.example<!-- -->.evil.example'
    expect(await read(signed({ nameId }))).toEqual(markup)
  })

  it('is refused with an entity that nobody has declared', async () => {
    expect(await read(signed().replace('alice-1', '&x;'))).toEqual(refused(/not well-formed/))
  })

  it('is refused with several assertions, or an encrypted one', async () => {
    const two = assertionXml(said()) + assertionXml(said({ id: 'other' }))
    const message = signXml(responseXml(said(), two), { key: keys.current, of: 'Response' })
    expect(await read(message)).toEqual(refused('several assertions'))
    const encrypted = responseXml(said(), '<saml:EncryptedAssertion/>')
    expect(await read(encrypted)).toEqual(refused('something encrypted, or a carrier'))
  })

  it.each(['ID', 'Id', 'id', 'xml:id'])('is refused with an ID twice, as %s', async (name) => {
    const copied = signed().replace('<samlp:Status>', `<samlp:Status ${name}="_assertion">`)
    expect(await read(copied)).toEqual(refused('an ID twice'))
  })

  it('is refused when it is something else, or more than one element', async () => {
    expect(await read(assertionXml(said()))).toEqual(refused('no Response'))
    expect(await read(signed().replace(/samlp:Response/g, 'samlp:LogoutResponse'))).toEqual(refused('no Response'))
    const elsewhere = signed().replace('SAML:2.0:protocol', 'SAML:1.1:protocol')
    expect(await read(elsewhere)).toEqual(refused('no Response'))
    expect(await read(`${signed()}${signed()}`)).toEqual(refused(/not well-formed/))
    expect(await read(`${signed()}text`)).toEqual(refused(/not well-formed/))
    expect(await read(signed().slice(0, -5))).toEqual(refused(/not well-formed/))
    expect(await read('')).toEqual(refused(/not well-formed|empty/))
  })

  it('is refused when it is too large, too wide or too deep', async () => {
    const filled = (text: string) => responseXml(said(), text)
    expect(await read(filled('x'.repeat(256 * 1024)))).toEqual(refused('too large'))
    expect(await read(filled('<a/>'.repeat(60_000)))).toEqual(refused('too many elements'))
    expect(await read(filled('<a/>'.repeat(2_500)))).toEqual(refused('too deep or too wide'))
    expect(await read(filled('<a>'.repeat(19) + '</a>'.repeat(19)))).toEqual(refused('no assertion'))
    expect(await read(filled('<a>'.repeat(20) + '</a>'.repeat(20)))).toEqual(refused('too deep or too wide'))
    const attributes = Array.from({ length: 11 }, (_, i) => `a${i}="x"`).join(' ')
    expect(await read(filled(`<a ${attributes}/>`))).toEqual(refused('too deep or too wide'))
  })

  it('is refused when it is no base64, no UTF-8, or has control characters', async () => {
    const whole = encode(signed())
    for (const broken of [`${whole}!`, whole.slice(0, -1), `=${whole}`, `${whole}====`, whole.replace(/.$/, '%')]) {
      expect(await read(broken, { raw: true })).toEqual(refused('no base64'))
    }
    const latin = Buffer.from(signed().replace('alice-1', 'al\xefce'), 'latin1').toString('base64')
    expect(await read(latin, { raw: true })).toHaveProperty('problem', 'invalid_answer')
    expect(await read(signed().replace('alice-1', 'alice\u0000'))).toEqual(refused('control characters'))
  })

  it('is taken with lines in its base64 and a declaration before it, as providers send it', async () => {
    const lines = encode(`<?xml version="1.0" encoding="UTF-8"?>\n${signed()}`).replace(/.{76}/g, '$&\r\n')
    expect(await read(lines, { raw: true })).toHaveProperty('proved')
  })

  it('says the same or nothing, whichever bit of it is turned', async () => {
    const bytes = Buffer.from(signXml(signed(), { key: keys.current, of: 'Response' }))
    const whole = await read(bytes.toString())
    expect(whole).toHaveProperty('proved.subject', 'alice-1')
    const bits = fc.integer({ min: 0, max: bytes.length * 8 - 1 })

    await fc.assert(
      fc.asyncProperty(bits, async (bit) => {
        const turned = Buffer.from(bytes)
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const outcome = await read(turned.toString('base64'), { raw: true })
        if ('proved' in outcome) expect(outcome).toEqual(whole)
        else expect(outcome.problem).toMatch(/^(invalid_answer|denied)$/)
      }),
      { numRuns: 250, seed: 20261125 },
    )
  }, 60_000)
})

function bomb(): string {
  const tenTimes = (i: number) => `<!ENTITY b${i} "${`&b${i - 1};`.repeat(10)}">`
  return `<!ENTITY b0 "ha">${[1, 2, 3, 4, 5, 6, 7, 8, 9].map(tenTimes).join('')}`
}

describe('what a provider may be called', () => {
  it('is compared to the letter', async () => {
    expect(await read(signed({ issuer: `${IDP}/` }))).toEqual(refused('another issuer'))
    expect(await read(signed({ audience: addresses.entityId.toUpperCase() }))).toEqual(refused('another audience'))
  })
})
