import { describe, expect, it } from 'vitest'

import { readIdpMetadata } from '../../../frontend/domain/saml-metadata.ts'
import { emptySamlForm, withMetadata } from '../../../frontend/domain/saml-form.ts'

const key = (text: string, use = ' use="signing"') =>
  `<KeyDescriptor${use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n  ${text}\n</ds:X509Certificate></ds:X509Data>` +
  '</ds:KeyInfo></KeyDescriptor>'

const service = (binding: string, location: string) =>
  `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${location}"/>`

const metadata = (content: string) =>
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"' +
  ' entityID="https://idp.example/md">' +
  '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
  `${content}</IDPSSODescriptor></EntityDescriptor>`

const pem = (base64: string) => `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----`
const both =
  service('HTTP-POST', 'https://idp.example/post') + service('HTTP-Redirect', 'https://idp.example/sso?a=1&amp;b=2')

describe('the metadata of a provider', () => {
  it('fills in its name, its address for redirects and the certificates that it signs with', () => {
    const keys = key('AAAA BBBB') + key('CCCC', ' use="encryption"') + key('DDDD', '') + key('AAAABBBB')
    expect(readIdpMetadata(metadata(keys + both))).toEqual({
      entityId: 'https://idp.example/md',
      ssoUrl: 'https://idp.example/sso?a=1&b=2',
      certificates: [pem('AAAABBBB'), pem('DDDD')],
    })
  })

  it('leaves the rest of the form as it was', () => {
    const form = { ...emptySamlForm(), groups: 'member', trustEmail: true }
    expect(withMetadata(form, metadata(key('AAAA') + both))).toEqual({
      ...form,
      entityId: 'https://idp.example/md',
      ssoUrl: 'https://idp.example/sso?a=1&b=2',
      certificates: pem('AAAA'),
    })
  })

  it.each([
    ['nothing of the kind', /no XML/],
    [`<!DOCTYPE x [<!ENTITY a "b">]>${metadata(key('AAAA') + both)}`, /no XML/],
    ['<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>', /no identity provider/],
    [metadata(key('AAAA') + service('HTTP-POST', 'https://idp.example/post')), /no sign-ins by the HTTP-Redirect/],
    [metadata(both), /no certificate/],
    [`<x xmlns="urn:x">${metadata(both).slice(39)}${metadata(both).slice(39)}</x>`, /several providers/],
  ])('says what is wrong with %j', (xml, sentence) => {
    expect(() => readIdpMetadata(xml)).toThrow(sentence)
  })
})
