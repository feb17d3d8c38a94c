import type { OidcInput, OidcSettings } from '@contract/oidc.ts'
import { words } from './typed-lists.ts'

/** What an OpenID provider has of its own, as it is typed in. */
export interface OidcForm {
  issuer: string
  clientId: string
  clientSecret: string
  scopes: string
  groupsClaim: string
  trustEmail: boolean
}

export function emptyOidcForm(): OidcForm {
  return {
    issuer: '',
    clientId: '',
    clientSecret: '',
    scopes: 'profile email groups',
    groupsClaim: 'groups',
    trustEmail: false,
  }
}

export function oidcFormOf({ scopes, ...oidc }: OidcSettings): OidcForm {
  return { ...oidc, clientSecret: '', scopes: scopes.join(' ') }
}

export function oidcInputOf({ issuer, clientId, clientSecret, scopes, groupsClaim, trustEmail }: OidcForm): OidcInput {
  return {
    issuer: issuer.trim(),
    clientId: clientId.trim(),
    ...(clientSecret === '' ? {} : { clientSecret }),
    scopes: words(scopes),
    groupsClaim: groupsClaim.trim(),
    trustEmail,
  }
}
