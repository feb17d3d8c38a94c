import { checkSignature, refuseWeakAlgorithms } from './signature.ts'
import { ASSERTION_NS, attributeOf, elementsOf, parseXml, PROTOCOL_NS } from './xml.ts'

/** Everything that is encrypted stays unread, and what would carry a copy of something signed has no place. */
const REFUSED = new Set([
  'EncryptedAssertion',
  'EncryptedID',
  'EncryptedAttribute',
  'EncryptedData',
  'Object',
  'Advice',
])

const ID_NAMES = ['ID', 'Id', 'id', 'xml:id']

/** A response whose shape leaves no choice in what its signatures cover. None of it is proved yet. */
export interface Shape {
  response: Element
  /** Null in one that says why nobody was signed in. */
  assertion: Element | null
  /** Each of those that are there has to be right. */
  signatures: Record<'response' | 'assertion', Element | null>
}

/**
 * Looks at the shape of a response before any signature is believed: one assertion, where it belongs, and signatures
 * only on the response and the assertion, each over the element that it stands in. This leaves nothing to wrap.
 * @throws {Error}
 */
export function readShape(xml: string): Shape {
  const response = parseXml(xml)
  if (!isElement(response, PROTOCOL_NS, 'Response')) throw new Error('no Response')

  const elements = elementsOf(response)
  refuseRepeatedIds(elements)
  if (elements.some(({ localName }) => REFUSED.has(localName))) throw new Error('something encrypted, or a carrier')
  if (elements.filter(({ localName }) => localName === 'Response').length > 1) throw new Error('a Response within')

  const assertions = elements.filter(({ localName }) => localName === 'Assertion')
  const [assertion = null, ...more] = assertions
  if (more.length > 0) throw new Error('several assertions')
  if (assertion && (assertion.parentNode !== response || assertion.namespaceURI !== ASSERTION_NS)) {
    throw new Error('an assertion in the wrong place')
  }

  return { response, assertion, signatures: readSignatures(elements, { response, assertion }) }
}

function readSignatures(elements: Element[], { response, assertion }: Omit<Shape, 'signatures'>): Shape['signatures'] {
  refuseWeakAlgorithms(elements)
  const found = elements.filter(({ localName }) => localName === 'Signature')
  const [first = null, ...more] = found.filter(({ parentNode }) => parentNode === response)
  const [second = null, ...evenMore] = found.filter(({ parentNode }) => assertion && parentNode === assertion)
  if (more.length + evenMore.length > 0) throw new Error('several signatures of one element')

  const signatures = { response: first, assertion: second }
  const inPlace = Object.values(signatures).filter((each) => each !== null)
  if (inPlace.length < found.length) throw new Error('a signature in the wrong place')
  inPlace.forEach(checkSignature)
  return signatures
}

function isElement({ namespaceURI, localName }: Element, namespace: string, name: string): boolean {
  return namespaceURI === namespace && localName === name
}

function refuseRepeatedIds(elements: Element[]): void {
  const ids = elements.flatMap((element) => ID_NAMES.flatMap((name) => attributeOf(element, name) ?? []))
  if (new Set(ids).size < ids.length) throw new Error('an ID twice')
}
