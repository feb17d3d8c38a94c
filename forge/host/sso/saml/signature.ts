import { verify } from 'node:crypto'

import { ExclusiveCanonicalization } from 'xml-crypto'

import { attributeOf, childElements, onlyChild, SIGNATURE_NS } from './xml.ts'

const EXCLUSIVE_C14N = [
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
]

/** No SHA-1: what a signature says with it, somebody else may say too. */
const HASHES = new Map([
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'sha512'],
])

const ALGORITHMS = new Map([
  ['CanonicalizationMethod', EXCLUSIVE_C14N],
  ['Transform', ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', ...EXCLUSIVE_C14N]],
  ['SignatureMethod', [...HASHES.keys()]],
  ['DigestMethod', ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']],
])

const only = (parent: Element, name: string) => onlyChild(parent, SIGNATURE_NS, name)

/** A signature is over the element that it stands in, and over nothing else. @throws {Error} */
export function checkSignature(signature: Element): void {
  if (signature.namespaceURI !== SIGNATURE_NS) throw new Error('no signature')
  const reference = only(only(signature, 'SignedInfo'), 'Reference')
  const id = attributeOf(signature.parentNode as Element, 'ID')
  if (!id || attributeOf(reference, 'URI') !== `#${id}`) throw new Error('a signature over another element')
}

/** Wherever in the document they stand: what reads a signature later can't find another one. @throws {Error} */
export function refuseWeakAlgorithms(elements: Element[]): void {
  for (const element of elements) {
    const allowed = ALGORITHMS.get(element.localName)
    if (allowed && !allowed.includes(attributeOf(element, 'Algorithm') ?? '')) {
      throw new Error(`${element.localName} is not one that we take`)
    }
  }
}

/**
 * The certificate whose key made the value of a signature. What the signature covers is not looked at here.
 * @param certificates PEM; what KeyInfo says counts for nothing
 * @throws {Error} when it is none of them
 */
export function signerOf(signature: Element, certificates: readonly string[]): string {
  const signedInfo = only(signature, 'SignedInfo')
  const method = only(signedInfo, 'CanonicalizationMethod')
  if (childElements(method).length > 0) throw new Error('CanonicalizationMethod is not one that we take')

  const canonical = Buffer.from(new ExclusiveCanonicalization().process(signedInfo, {}))
  const hash = HASHES.get(attributeOf(only(signedInfo, 'SignatureMethod'), 'Algorithm') ?? '')
  const value = Buffer.from(only(signature, 'SignatureValue').textContent, 'base64')
  const signer = certificates.find((certificate) => hash !== undefined && verify(hash, canonical, certificate, value))
  if (signer === undefined) throw new Error('a signature by none of the certificates')
  return signer
}
