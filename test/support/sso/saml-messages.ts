import { SignedXml } from 'xml-crypto'

import type { SigningKey } from './signing-key.ts'

const XMLNS = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'

/** What a response says; each part can be what an attacker would like it to be. */
export interface Said {
  issuer: string
  responseIssuer?: string
  audience: string
  destination: string | null
  recipient: string
  inResponseTo: string | null
  subjectInResponseTo?: string | null
  /** Epoch ms. */
  now: number
  validFor?: number
  notBefore?: number
  authenticatedAt?: number
  status?: string
  /** XML between the tags. */
  nameId: string
  nameIdFormat?: string
  contextClass?: string
  /** XML between the tags, by name. */
  attributes?: Record<string, string[]>
  id?: string
}

const iso = (epochMs: number) => new Date(epochMs).toISOString()
const optional = (name: string, value: string | null) => (value === null ? '' : ` ${name}="${value}"`)

export function assertionXml(said: Said): string {
  const { issuer, audience, recipient, now, validFor = 300_000, notBefore = now - 1_000, id = 'assertion' } = said
  const { nameIdFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', authenticatedAt = now } = said
  const { contextClass = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport' } = said
  const to = subjectInResponseTo(said)
  const attributes = Object.entries(said.attributes ?? {}).map(
    ([name, values]) =>
      `<saml:Attribute Name="${name}">` +
      values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('') +
      '</saml:Attribute>',
  )
  return (
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${id}" Version="2.0" IssueInstant="${iso(now)}">` +
    `<saml:Issuer>${issuer}</saml:Issuer>` +
    `<saml:Subject><saml:NameID Format="${nameIdFormat}">${said.nameId}</saml:NameID>` +
    '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">' +
    `<saml:SubjectConfirmationData NotOnOrAfter="${iso(now + validFor)}" Recipient="${recipient}"${optional('InResponseTo', to)}/>` +
    '</saml:SubjectConfirmation></saml:Subject>' +
    `<saml:Conditions NotBefore="${iso(notBefore)}" NotOnOrAfter="${iso(now + validFor)}">` +
    `<saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${iso(authenticatedAt)}" SessionIndex="_session"><saml:AuthnContext>` +
    `<saml:AuthnContextClassRef>${contextClass}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    (attributes.length > 0 ? `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement>` : '') +
    '</saml:Assertion>'
  )
}

const subjectInResponseTo = ({ inResponseTo, subjectInResponseTo: subject = inResponseTo }: Said) => subject

/** @param content what stands after the status: an assertion, most of the time */
export function responseXml(said: Said, content = assertionXml(said)): string {
  const { issuer, responseIssuer = issuer, destination, inResponseTo, now } = said
  const { status = 'urn:oasis:names:tc:SAML:2.0:status:Success' } = said
  return (
    `<samlp:Response ${XMLNS} ID="_response" Version="2.0" IssueInstant="${iso(now)}"` +
    `${optional('Destination', destination)}${optional('InResponseTo', inResponseTo)}>` +
    `<saml:Issuer>${responseIssuer}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="${status}"/></samlp:Status>` +
    `${content}</samlp:Response>`
  )
}

export interface Signing {
  key: SigningKey
  of?: 'Response' | 'Assertion'
  signature?: string
  digest?: string
  /** The certificate in KeyInfo; the key's own where nothing is said. */
  keyInfo?: string
  canonicalization?: string
}

/** Signs the one element of that name in a document, as the profile has it: enveloped, after its issuer. */
export function signXml(xml: string, { key, of = 'Assertion', ...how }: Signing): string {
  const xpath = `//*[local-name(.)='${of}']`
  const canonicalization = how.canonicalization ?? 'http://www.w3.org/2001/10/xml-exc-c14n#'
  const signer = new SignedXml({
    privateKey: key.privateKey,
    publicCert: how.keyInfo ?? key.certificate,
    signatureAlgorithm: how.signature ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: canonicalization,
  })
  signer.addReference({
    xpath,
    digestAlgorithm: how.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', canonicalization],
  })
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: 'after' },
  })
  return signer.getSignedXml()
}

export const encode = (xml: string) => Buffer.from(xml).toString('base64')
