import { endSessionUrl, type ProviderLogout } from './oidc/sign-in.ts'
import type { Sso } from './sso.ts'

const PURPOSE = 'logout'

/** Kept with the session, since it holds an ID token. */
export function sealLogout({ vault }: Sso, logout: ProviderLogout): string {
  const { keyId, text } = vault.seal(JSON.stringify(logout), PURPOSE)
  return `${keyId}.${text}`
}

/** Where the browser has to go so that the provider forgets the person too; null where there is no such place. */
export function logoutUrl(sso: Sso, sealed: string | null): string | null {
  const [keyId = '', text = ''] = (sealed ?? '').split('.')
  const opened = sso.vault.open({ keyId, text }, PURPOSE)
  return opened === null ? null : endSessionUrl(sso, JSON.parse(opened) as ProviderLogout)
}
