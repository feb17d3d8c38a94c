import { createRequire } from 'node:module'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type * as Samlify from 'samlify'

import { createSigningKey, type SigningKey } from './signing-key.ts'

// Node finds only some of the names that it exports.
const samlify = createRequire(import.meta.url)('samlify') as typeof Samlify

export interface SamlAccount {
  email?: string
  name?: string
  username?: string
  groups?: string[]
}

/** A real SAML identity provider; instead of a password it asks the test who sits in front of it. */
export interface SamlIdp {
  entityId: string
  ssoUrl: string
  key: SigningKey
  /** As administrators copy it. */
  metadata(): string
  accounts: Map<string, SamlAccount>
  /** Who signs in next. */
  person: string
  /** When they did, epoch ms. */
  authenticatedAt: number
  contextClass: string
  /** What it was asked last. */
  lastRequest: { id: string; forceAuthn: boolean } | null
  /** Reads the metadata of a forge, and starts to answer it. */
  trust(spMetadata: string): void
  /** The form that it would have a browser post. */
  answer(query: URLSearchParams): Promise<{ action: string; fields: Record<string, string> }>
  stop(): Promise<void>
}

// The identity provider reads requests of our own; it has no schema to hold them against.
samlify.setSchemaValidator({ validate: async () => 'skipped' })

/** @param host a browser takes `localhost` and `127.0.0.1` for two sites */
export async function createSamlIdp(host = '127.0.0.1', key = createSigningKey()): Promise<SamlIdp> {
  let forge: ReturnType<typeof samlify.ServiceProvider> | null = null
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const base = `http://${host}:${(server.address() as AddressInfo).port}`
  const entityId = `${base}/metadata`
  const provider = samlify.IdentityProvider({
    entityID: entityId,
    signingCert: key.certificate,
    privateKey: key.privateKey,
    requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    nameIDFormat: [PERSISTENT],
    singleSignOnService: [{ Binding: samlify.Constants.namespace.binding.redirect, Location: `${base}/sso` }],
    loginResponseTemplate: { context: samlify.SamlLib.defaultLoginResponseTemplate.context, attributes: [] },
  })

  const idp: SamlIdp = {
    entityId,
    ssoUrl: `${base}/sso`,
    key,
    metadata: () => provider.getMetadata(),
    accounts: new Map(),
    person: '',
    authenticatedAt: 0,
    contextClass: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    lastRequest: null,
    trust: (metadata) => {
      forge = samlify.ServiceProvider({ metadata })
    },

    async answer(query) {
      if (!forge) throw new Error('the provider knows no forge')
      const request = await provider.parseLoginRequest(forge, 'redirect', { query: Object.fromEntries(query) })
      const { id, forceAuthn } = request.extract['request'] as { id: string; forceAuthn?: string }
      idp.lastRequest = { id, forceAuthn: forceAuthn === 'true' || /ForceAuthn="true"/.test(request.samlContent) }
      const fill = (template: string) => ({ id: '', context: fillTemplate(template, forge, idp) })
      const response = await provider.createLoginResponse(forge, { extract: request.extract }, 'post', {}, fill)
      const fields = { SAMLResponse: response.context, RelayState: query.get('RelayState') ?? '' }
      return { action: (response as { entityEndpoint: string }).entityEndpoint, fields }
    },
    stop: () => stop(server),
  }

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '', base)
    // Browsers ask for an icon by themselves.
    if (pathname !== '/sso') return void response.writeHead(404).end()
    const { action, fields } = await idp.answer(searchParams)
    const inputs = Object.entries(fields).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
    )
    response.setHeader('content-type', 'text/html')
    response.end(
      `<title>IdP</title><form method="post" action="${action}">${inputs.join('')}<button>Go on</button></form>`,
    )
  }
  return idp
}

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

function fillTemplate(
  template: string,
  forge: ReturnType<typeof samlify.ServiceProvider> | null,
  { person, accounts, authenticatedAt, contextClass, entityId, lastRequest }: SamlIdp,
): string {
  const { groups, ...single } = accounts.get(person) ?? {}
  const acs = String(forge?.entityMeta.getAssertionConsumerService('post'))
  const now = Date.now()
  const at = (epochMs: number) => new Date(epochMs).toISOString()
  const values: [string, string[]][] = Object.entries(single).map(([name, value]) => [name, [value]])
  if (groups) values.push(['groups', groups])
  const statements =
    `<saml:AuthnStatement AuthnInstant="${at(authenticatedAt || now)}" SessionIndex="_1"><saml:AuthnContext>` +
    `<saml:AuthnContextClassRef>${contextClass}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    `<saml:AttributeStatement>${values.map(([name, texts]) => attribute(name, texts)).join('')}</saml:AttributeStatement>`

  const filled = samlify.SamlLib.replaceTagsByValue(template, {
    ID: `_${crypto.randomUUID()}`,
    AssertionID: `_${crypto.randomUUID()}`,
    Destination: acs,
    Audience: String(forge?.entityMeta.getEntityID()),
    SubjectRecipient: acs,
    Issuer: entityId,
    IssueInstant: at(now),
    StatusCode: samlify.Constants.StatusCode.Success,
    ConditionsNotBefore: at(now),
    ConditionsNotOnOrAfter: at(now + 300_000),
    SubjectConfirmationDataNotOnOrAfter: at(now + 300_000),
    NameIDFormat: PERSISTENT,
    NameID: person,
    InResponseTo: lastRequest?.id ?? '',
    AuthnStatement: '',
    AttributeStatement: '',
  })
  return filled.replace('</saml:Assertion>', () => `${statements}</saml:Assertion>`)
}

const attribute = (name: string, texts: string[]) =>
  `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">` +
  texts.map((text) => `<saml:AttributeValue xsi:type="xs:string">${text}</saml:AttributeValue>`).join('') +
  '</saml:Attribute>'

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise<void>((resolve) => void server.close(() => resolve()))
}
