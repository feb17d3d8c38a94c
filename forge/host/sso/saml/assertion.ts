import { ASSERTION_NS, attributeOf, childElements, children, onlyChild, parseXml, textOf } from './xml.ts'

/** How far the clocks of a provider and the forge may be apart. */
export const SKEW_MS = 60_000

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
const NAME_ID_FORMATS = 'urn:oasis:names:tc:SAML:2.0:nameid-format:'
const CONDITIONS = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']

/** What this forge expects of an assertion. */
export interface Expected {
  /** The entity id of the provider. */
  issuer: string
  /** The entity id of this forge, as the provider knows it. */
  audience: string
  /** Where assertions are sent to. */
  recipient: string
  /** The id of the request that this browser took to the provider. */
  requestId: string
  /** Epoch ms. */
  now: number
}

/** What an assertion says. */
export interface Assertion {
  nameId: string
  nameIdFormat: string | null
  /** When the provider saw the person prove who they are, epoch ms. */
  authenticatedAt: number
  /** How they did. */
  contextClass: string | null
  /** Values by the attribute's name; an attribute without any is an empty list. */
  attributes: Map<string, string[]>
}

/**
 * Reads an assertion whose signature was found good, by the rules of the browser profile (SAML Profiles 4.1.4.3): its
 * issuer and audience, the one bearer confirmation with its recipient, request and end, and when the person signed in.
 * @param xml exactly what the signature covers
 * @throws {Error}
 */
export function readAssertion(xml: string, expected: Expected): Assertion {
  const assertion = parseXml(xml)
  if (assertion.localName !== 'Assertion' || assertion.namespaceURI !== ASSERTION_NS) throw new Error('no assertion')
  if (attributeOf(assertion, 'Version') !== '2.0') throw new Error('another version')
  if (textOf(child(assertion, 'Issuer')) !== expected.issuer) throw new Error('another issuer')

  const subject = child(assertion, 'Subject')
  checkConfirmation(child(subject, 'SubjectConfirmation'), expected)
  checkConditions(child(assertion, 'Conditions'), expected)
  return { ...readNameId(child(subject, 'NameID')), ...readStatement(assertion, expected), attributes: read(assertion) }
}

const child = (parent: Element, name: string) => onlyChild(parent, ASSERTION_NS, name)

function checkConfirmation(confirmation: Element, { recipient, requestId, now }: Expected): void {
  if (attributeOf(confirmation, 'Method') !== BEARER) throw new Error('no bearer confirmation')

  const data = child(confirmation, 'SubjectConfirmationData')
  if (attributeOf(data, 'Recipient') !== recipient) throw new Error('another recipient')
  if (attributeOf(data, 'InResponseTo') !== requestId) throw new Error('an answer to another request')
  if (!isWithin(data, now) || instantOf(data, 'NotOnOrAfter') === null) throw new Error('not valid at this time')
}

function checkConditions(conditions: Element, { audience, now }: Expected): void {
  const others = childElements(conditions).filter(
    ({ localName, namespaceURI }) => namespaceURI !== ASSERTION_NS || !CONDITIONS.includes(localName),
  )
  if (others.length > 0) throw new Error('a condition that we don’t know')
  if (!isWithin(conditions, now)) throw new Error('not valid at this time')

  const restrictions = children(conditions, ASSERTION_NS, 'AudienceRestriction')
  const meant = (restriction: Element) =>
    children(restriction, ASSERTION_NS, 'Audience').some((each) => textOf(each) === audience)
  if (restrictions.length === 0 || !restrictions.every(meant)) throw new Error('another audience')
}

function isWithin(element: Element, now: number): boolean {
  const [from, to] = [instantOf(element, 'NotBefore'), instantOf(element, 'NotOnOrAfter')]
  return (from === null || now + SKEW_MS >= from) && (to === null || now - SKEW_MS < to)
}

/** Epoch ms; null where the attribute is missing. SAML Core 1.3.3: always in UTC. @throws {Error} for anything else */
function instantOf(element: Element, name: string): number | null {
  const text = attributeOf(element, name)
  if (text === null) return null
  const epochMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(epochMs)) throw new Error(`${name} is no time`)
  return epochMs
}

function readNameId(element: Element): Pick<Assertion, 'nameId' | 'nameIdFormat'> {
  const [nameId, nameIdFormat] = [textOf(element), attributeOf(element, 'Format')]
  if (nameId === null || nameId.length > 255) throw new Error('no NameID, or a long one')
  // It is another one at each sign-in: nobody could be known again by it.
  if (nameIdFormat === `${NAME_ID_FORMATS}transient`) throw new Error('a transient NameID')
  return { nameId, nameIdFormat }
}

function readStatement(assertion: Element, { now }: Expected): Pick<Assertion, 'authenticatedAt' | 'contextClass'> {
  const statement = child(assertion, 'AuthnStatement')
  const authenticatedAt = instantOf(statement, 'AuthnInstant')
  if (authenticatedAt === null || authenticatedAt > now + SKEW_MS) throw new Error('a proof without a time, or to come')
  const sessionEnd = instantOf(statement, 'SessionNotOnOrAfter')
  if (sessionEnd !== null && now - SKEW_MS >= sessionEnd) throw new Error('a session that is over')

  const [contextClass] = children(child(statement, 'AuthnContext'), ASSERTION_NS, 'AuthnContextClassRef')
  return { authenticatedAt, contextClass: contextClass ? textOf(contextClass) : null }
}

/** Several attributes of one name are taken together. Values that hold more than text say nothing to us. */
function read(assertion: Element): Map<string, string[]> {
  const values = new Map<string, string[]>()
  const statements = children(assertion, ASSERTION_NS, 'AttributeStatement')
  for (const attribute of statements.flatMap((each) => children(each, ASSERTION_NS, 'Attribute'))) {
    const name = attributeOf(attribute, 'Name')
    if (name === null) continue
    const texts = children(attribute, ASSERTION_NS, 'AttributeValue').flatMap((each) => textOf(each) ?? [])
    values.set(name, [...(values.get(name) ?? []), ...texts])
  }
  return values
}
