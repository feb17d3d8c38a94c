import { t } from '../messages/messages.ts'

const METADATA_NS = 'urn:oasis:names:tc:SAML:2.0:metadata'
const SIGNATURE_NS = 'http://www.w3.org/2000/09/xmldsig#'
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'

/** What the metadata of a provider says that a form asks for. */
export interface IdpMetadata {
  entityId: string
  ssoUrl: string
  /** PEM. */
  certificates: string[]
}

/** Reads the metadata of an identity provider (SAML 2.0 Metadata). Nothing is fetched. @throws {SyntaxError} a sentence */
export function readIdpMetadata(xml: string): IdpMetadata {
  // A DTD could make little text into much.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) throw new SyntaxError(t.samlMetadata.notXml)
  const document = new DOMParser().parseFromString(xml.trim(), 'text/xml')
  if (document.getElementsByTagName('parsererror').length > 0) throw new SyntaxError(t.samlMetadata.notXml)

  const [provider, ...others] = elementsIn(document, METADATA_NS, 'IDPSSODescriptor')
  if (!provider) throw new SyntaxError(t.samlMetadata.noProvider)
  if (others.length > 0) throw new SyntaxError(t.samlMetadata.several)

  const services = elementsIn(provider, METADATA_NS, 'SingleSignOnService')
  const ssoUrl = services.find((each) => each.getAttribute('Binding') === REDIRECT)?.getAttribute('Location')
  if (!ssoUrl) throw new SyntaxError(t.samlMetadata.noRedirect)
  const certificates = certificatesIn(provider)
  if (certificates.length === 0) throw new SyntaxError(t.samlMetadata.noCertificate)
  return { entityId: provider.parentElement?.getAttribute('entityID') ?? '', ssoUrl, certificates }
}

/** A key without a use is for everything. */
function certificatesIn(provider: Element): string[] {
  const keys = elementsIn(provider, METADATA_NS, 'KeyDescriptor')
  const signing = keys.filter((key) => (key.getAttribute('use') ?? 'signing') === 'signing')
  const texts = signing.flatMap((key) =>
    elementsIn(key, SIGNATURE_NS, 'X509Certificate').map((each) => writePem(each.textContent)),
  )
  return [...new Set(texts)]
}

function writePem(base64: string): string {
  const lines = base64.replace(/\s/g, '').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----'].join('\n')
}

const elementsIn = (parent: Document | Element, namespace: string, name: string): Element[] =>
  [...parent.getElementsByTagName('*')].filter((each) => each.namespaceURI === namespace && each.localName === name)
