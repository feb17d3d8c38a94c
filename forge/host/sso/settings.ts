import type { OidcSettings, ProviderInput, ProviderTest } from '../../contract/sso.ts'
import type { ProviderRow } from './model.ts'
import type { Vault } from './vault.ts'

/** What is kept of a provider beside its name, its domains and its teams. */
export type ProviderSettings = Pick<ProviderInput, 'groups' | 'provisionUsers' | 'exposeGroups'> & {
  oidc: OidcSettings
}

export interface ProviderSecrets {
  clientSecret?: string
}

export function settingsOf({ settings }: Pick<ProviderRow, 'settings'>): ProviderSettings {
  return JSON.parse(settings) as ProviderSettings
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
