import type { SamlSettings } from '../../../contract/saml.ts'
import type { Proved } from '../identities.ts'
import type { Assertion } from './assertion.ts'

/** More than a person is ever in, and less than fills a table. */
const MAX_GROUPS = 2_000

const EMAIL_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'

const CLASSES = 'urn:oasis:names:tc:SAML:2.0:ac:classes:'

/** RFC 8176 has short names for these. */
const METHODS = new Map<string, string[]>([
  [`${CLASSES}unspecified`, []],
  [`${CLASSES}Password`, ['pwd']],
  [`${CLASSES}PasswordProtectedTransport`, ['pwd']],
  [`${CLASSES}Kerberos`, ['wia']],
  ['urn:federation:authentication:windows', ['wia']],
  [`${CLASSES}Smartcard`, ['sc']],
  [`${CLASSES}SmartcardPKI`, ['sc']],
  [`${CLASSES}TimeSyncToken`, ['otp']],
  [`${CLASSES}MobileTwoFactorContract`, ['mfa']],
  [`${CLASSES}MobileTwoFactorUnregistered`, ['mfa']],
  ['http://schemas.microsoft.com/claims/multipleauthn', ['mfa']],
  ['https://refeds.org/profile/mfa', ['mfa']],
])

/** What an assertion proves about somebody, in the words of the settings. */
export function readProved(assertion: Assertion, { entityId, attributes, trustEmail }: SamlSettings): Proved {
  const { nameId, nameIdFormat, authenticatedAt, contextClass } = assertion
  const first = (name: string) => assertion.attributes.get(name)?.[0] ?? null

  const email = first(attributes.email) ?? (nameIdFormat === EMAIL_FORMAT ? nameId : null)
  const username = first(attributes.username)
  return {
    issuer: entityId,
    subject: nameId,
    username: username ?? email ?? nameId,
    name: first(attributes.name) ?? username ?? email ?? nameId,
    email,
    emailVerified: email !== null && (trustEmail || first('email_verified') === 'true'),
    groups: assertion.attributes.get(attributes.groups)?.slice(0, MAX_GROUPS) ?? null,
    authTime: authenticatedAt,
    amr: methodsOf(contextClass),
  }
}

/** An unknown class stands for itself, where it is one word as RFC 8176 has them. */
function methodsOf(contextClass: string | null): string[] {
  if (contextClass === null) return []
  return METHODS.get(contextClass) ?? (/^\S{1,200}$/.test(contextClass) ? [contextClass] : [])
}

/** Everything that came, for the administrator who tries the provider. */
export function shownClaims({ attributes, ...said }: Assertion): Record<string, unknown> {
  return {
    NameID: said.nameId,
    'NameID Format': said.nameIdFormat,
    AuthnInstant: new Date(said.authenticatedAt).toISOString(),
    AuthnContextClassRef: said.contextClass,
    ...Object.fromEntries([...attributes].map(([name, values]) => [name, values.length === 1 ? values[0] : values])),
  }
}
