import { DOMParser } from '@xmldom/xmldom'

export const ASSERTION_NS = 'urn:oasis:names:tc:SAML:2.0:assertion'
export const PROTOCOL_NS = 'urn:oasis:names:tc:SAML:2.0:protocol'
export const SIGNATURE_NS = 'http://www.w3.org/2000/09/xmldsig#'

/** A person in 2,000 groups with long names is about a half of it. */
export const MAX_XML_BYTES = 256 * 1024

/** Deeper and wider than any answer, and far from what a parser or a canonicalizer would have trouble with. */
const MAX_DEPTH = 20
const MAX_ELEMENTS = 2_500
const MAX_ATTRIBUTES_OF_ONE = 10

/**
 * Reads a message of the POST binding (SAML Bindings 3.5.4) as text: base64, UTF-8, an element and nothing else. There is
 * no `<!` left in it, so no DTD, no entity, no comment and no CDATA, and no processing instruction: whatever reads it
 * next can't be led to see another text than its signature covers.
 * @throws {Error}
 */
export function decodeXml(base64: string): string {
  const bare = base64.replace(/[\r\n]/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(bare)) throw new Error('no base64')
  if (bare.length > Math.ceil(MAX_XML_BYTES / 3) * 4) throw new Error('too large')

  const decoded = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bare, 'base64'))
  const xml = decoded.replace(/^\s*<\?xml\s[^<>]*\?>/, '')
  if (/<[!?]/.test(xml)) throw new Error('a DTD, comment, CDATA section or processing instruction')
  if (/[^\P{Cc}\t\r\n]/u.test(xml)) throw new Error('control characters')
  if (xml.split('<', 2 * MAX_ELEMENTS + 2).length > 2 * MAX_ELEMENTS + 1) throw new Error('too many elements')
  return xml
}

/** The element of a document that is well-formed to the letter. @throws {Error} */
export function parseXml(xml: string): Element {
  // The parser passes over text outside.
  if (!/^\s*<[^]*>\s*$/.test(xml)) throw new Error('not well-formed')
  const refuse = (message: string) => {
    throw new Error(`not well-formed: ${message.slice(0, 100)}`)
  }
  const errorHandler = { warning: refuse, error: refuse, fatalError: refuse }
  const root = new DOMParser({ locator: {}, errorHandler }).parseFromString(xml, 'text/xml')
    .documentElement as Element | null
  if (!root) throw new Error('empty')
  return root
}

/** All elements of a document, each after its parent. @throws {Error} when they are too many, or too deep */
export function elementsOf(root: Element): Element[] {
  const found: Element[] = []
  const waiting = [{ element: root, depth: 1 }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { element, depth } = next
    const tooMuch = depth > MAX_DEPTH || found.length >= MAX_ELEMENTS
    if (tooMuch || element.attributes.length > MAX_ATTRIBUTES_OF_ONE) throw new Error('too deep or too wide')
    found.push(element)
    waiting.push(...childElements(element).map((child) => ({ element: child, depth: depth + 1 })))
  }
  return found
}

export function childElements(parent: Element): Element[] {
  return Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === 1)
}

export function children(parent: Element, namespace: string, name: string): Element[] {
  return childElements(parent).filter((each) => each.namespaceURI === namespace && each.localName === name)
}

/** The one child of that name. @throws {Error} when there is none, or there are more */
export function onlyChild(parent: Element, namespace: string, name: string): Element {
  const [first, ...more] = children(parent, namespace, name)
  if (!first || more.length > 0) throw new Error(`not exactly one ${name} in ${parent.localName}`)
  return first
}

/** The text of an element that holds nothing else; null where it holds elements, nothing, or control characters. */
export function textOf(element: Element): string | null {
  if (childElements(element).length > 0) return null
  const text = element.textContent.trim()
  return text === '' || /\p{Cc}/u.test(text) ? null : text
}

/** An attribute without a namespace; null where it is missing. */
export function attributeOf(element: Element, name: string): string | null {
  return element.hasAttribute(name) ? element.getAttribute(name) : null
}
