import type { LdapSettings } from '../../contract/ldap.ts'
import type { OidcSettings } from '../../contract/oidc.ts'
import type { SamlSettings } from '../../contract/saml.ts'
import type { ProviderInput, ProviderTest, ProviderType } from '../../contract/sso.ts'
import type { ProviderRow } from './model.ts'
import { withReadCertificates } from './saml/certificates.ts'
import type { Vault } from './vault.ts'

/** What a provider of each type has of its own, under the key of the type. */
interface OwnSettings {
  oidc: OidcSettings
  saml: SamlSettings
  ldap: LdapSettings
}

/** What is kept of a provider beside its name, its domains and its teams. */
type ProviderSettings = Pick<ProviderInput, 'groups' | 'provisionUsers' | 'exposeGroups'> & Partial<OwnSettings>

export interface ProviderSecrets {
  clientSecret?: string
  bindPassword?: string
}

export function settingsOf({ settings }: Pick<ProviderRow, 'settings'>): Omit<ProviderSettings, ProviderType> {
  return JSON.parse(settings) as ProviderSettings
}

/** What it has of its own as a provider of this type. @throws {TypeError} when it is of another one */
export function ownSettings<T extends ProviderType>(
  { settings }: Pick<ProviderRow, 'settings'>,
  type: T,
): OwnSettings[T] {
  const own: OwnSettings[T] | undefined = (JSON.parse(settings) as Partial<OwnSettings>)[type]
  if (!own) throw new TypeError(`a provider is no ${type} provider`)
  return own
}

/**
 * What was typed in, apart: what may be read again, and what only the forge knows.
 * @throws {ForgeError} invalid_request for a certificate that is none
 */
export function splitInput(input: ProviderInput): { settings: string; secrets: ProviderSecrets } {
  const { groups, provisionUsers, exposeGroups } = input
  const { own, secrets } = splitOwn(input)
  return { settings: JSON.stringify({ ...own, groups, provisionUsers, exposeGroups }), secrets }
}

function splitOwn(input: ProviderInput): { own: Partial<OwnSettings>; secrets: ProviderSecrets } {
  switch (input.type) {
    case 'oidc': {
      const { clientSecret, ...oidc } = input.oidc
      return { own: { oidc }, secrets: clientSecret === undefined ? {} : { clientSecret } }
    }
    case 'saml':
      return { own: { saml: withReadCertificates(input.saml) }, secrets: {} }
    case 'ldap': {
      const { bindPassword, ...ldap } = input.ldap
      return { own: { ldap }, secrets: bindPassword === undefined ? {} : { bindPassword } }
    }
  }
}

/** Whom the secrets of a provider are shown to. What was kept for one must not be handed to another. */
export function confidantOf({ type, settings }: Pick<ProviderRow, 'type' | 'settings'>): string {
  switch (type) {
    case 'oidc':
      return ownSettings({ settings }, type).issuer
    case 'saml':
      return ownSettings({ settings }, type).entityId
    case 'ldap': {
      const { url, startTls, caCertificate, bindDn } = ownSettings({ settings }, type)
      return JSON.stringify([url, startTls, caCertificate, bindDn])
    }
  }
}

export function testOf({ lastTest }: Pick<ProviderRow, 'lastTest'>): ProviderTest | null {
  return lastTest === null ? null : (JSON.parse(lastTest) as ProviderTest)
}

/** Bound to the provider: another row's secrets don't open here. */
const purposeOf = (providerId: string) => `provider ${providerId}`

export function sealSecrets(vault: Vault, providerId: string, secrets: ProviderSecrets) {
  const { keyId, text } = vault.seal(JSON.stringify(secrets), purposeOf(providerId))
  return { keyId, sealedSecrets: text }
}

/** The secrets of a provider; null when no key is here that opens them. */
export function openSecrets(
  vault: Vault,
  { id, keyId, sealedSecrets }: Pick<ProviderRow, 'id' | 'keyId' | 'sealedSecrets'>,
): ProviderSecrets | null {
  const text = vault.open({ keyId, text: sealedSecrets }, purposeOf(id))
  return text === null ? null : (JSON.parse(text) as ProviderSecrets)
}
