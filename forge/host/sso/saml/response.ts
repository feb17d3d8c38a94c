import { SAML, ValidateInResponseTo } from '@node-saml/node-saml'

import type { SamlSettings } from '../../../contract/saml.ts'
import type { Proved } from '../identities.ts'
import { SsoRefusal } from '../refusal.ts'
import type { SamlAddresses } from './addresses.ts'
import { readAssertion, SKEW_MS, type Assertion, type Expected } from './assertion.ts'
import { validCertificates } from './certificates.ts'
import { readProved, shownClaims } from './claims.ts'
import { signerOf } from './signature.ts'
import { readShape, type Shape } from './structure.ts'
import { ASSERTION_NS, attributeOf, children, decodeXml, onlyChild, PROTOCOL_NS, textOf } from './xml.ts'

/** How old the proof may be that a provider gives when it was told to ask for one. */
const REAUTHENTICATED_WITHIN_MS = 300_000

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:'
const DENIED = ['AuthnFailed', 'RequestDenied', 'NoAuthnContext', 'NoPassive'].map((code) => STATUS + code)

/** The request that a response has to answer. */
export interface Asked {
  requestId: string
  /** The provider was told to ask for the person's proof again. */
  reauthenticate: boolean
}

export interface ReadResponse {
  settings: SamlSettings
  addresses: SamlAddresses
  asked: Asked
  /** Epoch ms. */
  now: number
}

/**
 * Takes the response that the browser brought from the provider. Nothing of it is believed but the assertion that a
 * signature covers, by a certificate of the settings.
 * @throws {SsoRefusal} denied when the provider says that it refused the person; invalid_answer
 */
export async function readResponse(
  base64: string,
  { settings, addresses, asked, now }: ReadResponse,
): Promise<{ proved: Proved; claims: Record<string, unknown> }> {
  const { requestId } = asked
  const expected = { issuer: settings.entityId, audience: addresses.entityId, recipient: addresses.acs, requestId, now }
  try {
    const xml = decodeXml(base64)
    const shape = readShape(xml)
    checkEnvelope(shape, expected)
    const assertion = readAssertion(await signedAssertion(xml, shape, { settings, addresses, now }), expected)
    checkFreshness(assertion, asked, now)
    return { proved: readProved(assertion, settings), claims: shownClaims(assertion) }
  } catch (error) {
    throw error instanceof SsoRefusal ? error : new SsoRefusal('invalid_answer', brief(error))
  }
}

/** What stands around the assertion. It may be unsigned, so it is a reason to refuse, and never one to let in. */
function checkEnvelope({ response, assertion, signatures }: Shape, { issuer, recipient, requestId }: Expected): void {
  if (attributeOf(response, 'Version') !== '2.0') throw new Error('another version')
  if (attributeOf(response, 'InResponseTo') !== requestId) throw new Error('an answer to another request')

  const destination = attributeOf(response, 'Destination')
  // SAML Bindings 3.5.5.2: who signs a message says whom it is for.
  const addressed = destination === recipient || (destination === null && !signatures.response)
  if (!addressed) throw new Error('another destination')
  const issuers = children(response, ASSERTION_NS, 'Issuer')
  if (issuers.some((each) => textOf(each) !== issuer)) throw new Error('another issuer')

  checkStatus(onlyChild(response, PROTOCOL_NS, 'Status'))
  if (!assertion) throw new Error('no assertion')
  if (!signatures.response && !signatures.assertion) throw new Error('no signature')
}

function checkStatus(status: Element): void {
  const top = onlyChild(status, PROTOCOL_NS, 'StatusCode')
  const codes = [top, ...children(top, PROTOCOL_NS, 'StatusCode')].map((each) => attributeOf(each, 'Value') ?? '')
  if (codes[0] === `${STATUS}Success`) return
  const problem = codes.some((code) => DENIED.includes(code)) ? 'denied' : 'invalid_answer'
  throw new SsoRefusal(problem, new Error(`the status is ${codes.join(' ').slice(0, 200)}`))
}

/**
 * The assertion as its signature covers it. Every signature that is there has to be right: its value is looked at first,
 * so that nobody but the provider can make us work through a large document.
 */
async function signedAssertion(
  xml: string,
  { signatures }: Shape,
  { settings, addresses, now }: Omit<ReadResponse, 'asked'>,
): Promise<string> {
  const certificates = validCertificates(settings.certificates, now)
  if (certificates.length === 0) throw new Error('no certificate of the provider is valid now')
  const present = Object.values(signatures).filter((each) => each !== null)
  const signers = present.map((signature) => signerOf(signature, certificates))

  const saml = new SAML({
    idpCert: [...new Set(signers)],
    issuer: addresses.entityId,
    callbackUrl: addresses.acs,
    wantAuthnResponseSigned: signatures.response !== null,
    wantAssertionsSigned: signatures.assertion !== null,
    // Signatures are its part. For whom, when and in answer to what is `readAssertion`'s, which knows this browser.
    audience: false,
    acceptedClockSkewMs: -1,
    validateInResponseTo: ValidateInResponseTo.never,
  })
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: Buffer.from(xml).toString('base64') })
  const assertion = profile?.getAssertionXml?.()
  if (assertion === undefined) throw new Error('nothing that is signed')
  return assertion
}

function checkFreshness({ authenticatedAt }: Assertion, { reauthenticate }: Asked, now: number): void {
  if (reauthenticate && now - authenticatedAt > REAUTHENTICATED_WITHIN_MS + SKEW_MS) throw new Error('an old proof')
}

/** For the log: what the message says, of which anybody may have written a part. */
function brief(error: unknown): Error {
  return new Error(error instanceof Error ? error.message.slice(0, 200) : 'unknown')
}
