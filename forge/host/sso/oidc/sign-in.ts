import * as oidc from 'openid-client'

import type { Flow } from '../flow.ts'
import type { ProviderRow } from '../model.ts'
import { SsoRefusal } from '../refusal.ts'
import { ownSettings } from '../settings.ts'
import type { Sso } from '../sso.ts'
import type { Answer } from '../way.ts'
import { oidcAddresses } from './addresses.ts'
import { readClaims, type Claims } from './claims.ts'
import { openClient, type OidcClient } from './client.ts'

/** How old the proof may be that a provider gives when it was told to ask for one. */
const REAUTHENTICATED_WITHIN_SECONDS = 300

/** Signed tokens name the algorithm; none of these takes a secret that two share, or no key at all. */
export const SIGNATURES = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** Where the browser goes to sign in (OpenID Connect Core 3.1.2, with RFC 7636). @throws {SsoRefusal} */
export async function authorizationUrl(sso: Sso, provider: ProviderRow, flow: Flow): Promise<URL> {
  const { config } = await openClient(sso, provider)
  const { scopes } = ownSettings(provider, 'oidc')

  return oidc.buildAuthorizationUrl(config, {
    redirect_uri: oidcAddresses(sso, provider).redirect,
    scope: [...new Set(['openid', ...scopes])].join(' '),
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(flow.codeVerifier),
    code_challenge_method: 'S256',
    ...(flow.reauthenticate ? { prompt: 'login', max_age: '0' } : {}),
  })
}

export interface ProviderLogout {
  endpoint: string
  idToken: string
  clientId: string
}

/**
 * Takes the answer that the browser brought back from the provider: its state, issuer, code, and the ID token's
 * signature, issuer, audience, times and nonce.
 * @throws {SsoRefusal}
 */
export async function readAnswer(sso: Sso, provider: ProviderRow, flow: Flow, query: URLSearchParams): Promise<Answer> {
  const settings = ownSettings(provider, 'oidc')
  const client = await openClient(sso, provider)
  const url = new URL(`${oidcAddresses(sso, provider).redirect}?${query.toString()}`)

  const { idToken, claims } = await redeem(client, flow, url)
  const proved = readClaims(claims, settings)
  const sid = claims['sid']
  const endpoint = client.metadata.end_session_endpoint
  return {
    proved,
    claims,
    providerSid: typeof sid === 'string' && sid.length <= 255 ? sid : null,
    logout: endpoint === undefined ? null : { endpoint, idToken, clientId: settings.clientId },
  }
}

async function redeem(client: OidcClient, flow: Flow, url: URL): Promise<{ idToken: string; claims: Claims }> {
  try {
    const tokens = await oidc.authorizationCodeGrant(client.config, url, {
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      pkceCodeVerifier: flow.codeVerifier,
      idTokenExpected: true,
      ...(flow.reauthenticate ? { maxAge: REAUTHENTICATED_WITHIN_SECONDS } : {}),
    })
    client.remember()
    const claims = tokens.claims()
    if (!claims || tokens.id_token === undefined) throw new TypeError('no ID token')

    const more = client.metadata.userinfo_endpoint
      ? await oidc.fetchUserInfo(client.config, tokens.access_token, claims.sub)
      : {}
    // What is signed goes before what is not.
    return { idToken: tokens.id_token, claims: { ...more, ...claims } }
  } catch (error) {
    throw new SsoRefusal(problemOf(error), error)
  }
}

function problemOf(error: unknown) {
  if (error instanceof oidc.AuthorizationResponseError)
    return error.error === 'access_denied' ? 'denied' : 'invalid_answer'
  const unreachable = error instanceof TypeError && error.message === 'fetch failed'
  return unreachable || isTimeout(error) ? 'provider_unavailable' : 'invalid_answer'
}

/** The deadline may stand anywhere in the chain of causes. */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  return error.name === 'TimeoutError' || code === 'OAUTH_TIMEOUT' || isTimeout(error.cause)
}

/** Where the browser goes to sign out there too (OpenID Connect RP-Initiated Logout 1.0). */
export function endSessionUrl({ baseUrl }: Sso, { endpoint, idToken, clientId }: ProviderLogout): string | null {
  if (!URL.canParse(endpoint)) return null
  const url = new URL(endpoint)
  url.searchParams.set('client_id', clientId)
  url.searchParams.set('post_logout_redirect_uri', `${baseUrl}/login`)
  // A long one, with many groups in it, would make an address that servers refuse.
  if (idToken.length <= MAX_HINT) url.searchParams.set('id_token_hint', idToken)
  return url.href
}

const MAX_HINT = 3_000
