import { createRemoteJWKSet, customFetch as jwksFetch } from 'jose'
import { LRUCache } from 'lru-cache'
import * as oidc from 'openid-client'

import type { ProviderRow } from '../model.ts'
import { SsoRefusal } from '../refusal.ts'
import { openSecrets, ownSettings } from '../settings.ts'
import type { Sso } from '../sso.ts'

/** All that one request of a person waits for a provider, however many questions it takes. */
const WAIT_MS = 5_000

/** What a provider says of itself is asked anew after an hour. */
const REMEMBERED_MS = 3_600_000

/** By the address of the issuer: the same document for whoever configured it. */
const remembered = new LRUCache<string, Remembered>({ max: 100, ttl: REMEMBERED_MS })

interface Remembered {
  metadata: oidc.ServerMetadata
  jwks?: Parameters<typeof oidc.setJwksCache>[1]
}

/** A client of one provider for one request: everything that it asks ends with the request's five seconds. */
export interface OidcClient {
  config: oidc.Configuration
  metadata: oidc.ServerMetadata
  /** Keeps the provider's keys for the next request. */
  remember(): void
}

/**
 * @throws {SsoRefusal} provider_unavailable when it can't be reached in time or says nonsense of itself
 */
export async function openClient(sso: Sso, provider: ProviderRow): Promise<OidcClient> {
  const settings = ownSettings(provider, 'oidc')
  const secret = openSecrets(sso.vault, provider)?.clientSecret
  const fetch = boundedFetch()
  const entry = await discover(settings.issuer, settings.clientId, fetch)

  const auth = secret === undefined ? oidc.None() : clientAuth(entry.metadata, secret)
  const config = new oidc.Configuration(entry.metadata, settings.clientId, undefined, auth)
  config[oidc.customFetch] = fetch
  if (settings.issuer.startsWith('http:')) oidc.allowInsecureRequests(config)
  // The signature is looked at even where TLS has vouched for the sender.
  oidc.enableNonRepudiationChecks(config)
  if (entry.jwks) oidc.setJwksCache(config, entry.jwks)

  return {
    config,
    metadata: entry.metadata,
    remember() {
      const jwks = oidc.getJwksCache(config)
      if (jwks) entry.jwks = jwks
    },
  }
}

/** The provider's keys, for a message that it sends by itself. @throws {SsoRefusal} provider_unavailable */
export async function openKeys(provider: ProviderRow): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const settings = ownSettings(provider, 'oidc')
  const fetch = boundedFetch()
  const { metadata } = await discover(settings.issuer, settings.clientId, fetch)
  const address = metadata.jwks_uri
  if (address === undefined || new URL(address).protocol !== new URL(settings.issuer).protocol) {
    throw new SsoRefusal('provider_unavailable')
  }
  return createRemoteJWKSet(new URL(address), {
    timeoutDuration: WAIT_MS,
    [jwksFetch]: fetch as typeof globalThis.fetch,
  })
}

async function discover(issuer: string, clientId: string, fetch: oidc.CustomFetch): Promise<Remembered> {
  const known = remembered.get(issuer)
  if (known) return known

  try {
    const execute = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : []
    const found = await oidc.discovery(new URL(issuer), clientId, undefined, undefined, {
      execute,
      [oidc.customFetch]: fetch,
    })
    const entry: Remembered = { metadata: found.serverMetadata() }
    remembered.set(issuer, entry)
    return entry
  } catch (error) {
    throw new SsoRefusal('provider_unavailable', error)
  }
}

/** As the provider prefers it; RFC 6749 section 2.3.1 has Basic where it says nothing. */
function clientAuth({ token_endpoint_auth_methods_supported: methods }: oidc.ServerMetadata, secret: string) {
  return methods === undefined || methods.includes('client_secret_basic')
    ? oidc.ClientSecretBasic(secret)
    : oidc.ClientSecretPost(secret)
}

/** One deadline for everything that is fetched with it. */
function boundedFetch(): oidc.CustomFetch {
  const deadline = AbortSignal.timeout(WAIT_MS)
  return (url, options) => {
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
    return fetch(url, { ...(options as RequestInit), signal })
  }
}
