import { inflateRawSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { readCertificate } from '../../../../../forge/host/sso/saml/certificates.ts'
import { authnRequestUrl, metadataXml } from '../../../../../forge/host/sso/saml/request.ts'
import { createSigningKey } from '../../../../support/sso/signing-key.ts'
import { addresses, keys, settings } from './scene.ts'

async function request(reauthenticate = false, ssoUrl = settings.ssoUrl) {
  const asked = { requestId: '_request-1', reauthenticate, relayState: 'a-state' }
  const url = new URL(await authnRequestUrl({ ...settings, ssoUrl }, addresses, asked))
  const message = Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')
  return { url, xml: inflateRawSync(message).toString() }
}

describe('the request', () => {
  it('goes to the address of the provider, by the redirect binding', async () => {
    const { url, xml } = await request()
    expect(url.origin + url.pathname).toBe('https://idp.acme.example/sso')
    expect(url.searchParams.get('RelayState')).toBe('a-state')
    expect(xml).toContain('ID="_request-1"')
    expect(xml).toContain('Destination="https://idp.acme.example/sso"')
    expect(xml).toContain(`AssertionConsumerServiceURL="${addresses.acs}"`)
    expect(xml).toContain(`>${addresses.entityId}</saml:Issuer>`)
    expect(xml).not.toContain('ForceAuthn')
  })

  it('keeps what the address asks already', async () => {
    const { url } = await request(false, 'https://idp.acme.example/sso?idpid=C01')
    expect(url.searchParams.get('idpid')).toBe('C01')
  })

  it('asks for a new proof where one is needed', async () => {
    expect((await request(true)).xml).toContain('ForceAuthn="true"')
  })
})

describe('the metadata', () => {
  it('says where answers go, and that they must be signed', () => {
    const xml = metadataXml(addresses)
    expect(xml).toContain(`entityID="${addresses.entityId}"`)
    expect(xml).toContain('WantAssertionsSigned="true"')
    expect(xml).toContain('urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST')
    expect(xml).toContain(`Location="${addresses.acs}"`)
    expect(xml).toContain('nameid-format:persistent')
    expect(metadataXml(addresses)).toBe(xml)
  })
})

describe('a certificate', () => {
  it('is read as PEM, and as metadata has it', () => {
    const { certificate } = keys.current
    const bare = certificate.replace(/-----.*-----/g, '').replace(/\n/g, '\n    ')
    expect(readCertificate(certificate)).toMatchObject({ validTo: Date.parse('2049-12-31T00:00:00Z') })
    expect(readCertificate(bare)).toEqual(readCertificate(certificate))
  })

  it('is refused when it is none, or its key is short', () => {
    expect(readCertificate('nothing of the kind')).toBeNull()
    expect(readCertificate(createSigningKey({ bits: 1024 }).certificate)).toBeNull()
    expect(readCertificate(keys.current.privateKey)).toBeNull()
  })
})
