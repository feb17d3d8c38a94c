import { takeOnce } from '../seen.ts'
import type { Flow } from '../flow.ts'
import type { ProviderRow } from '../model.ts'
import { SsoRefusal } from '../refusal.ts'
import { ownSettings } from '../settings.ts'
import type { Sso } from '../sso.ts'
import type { Answer } from '../way.ts'
import { samlAddresses } from './addresses.ts'
import { authnRequestUrl } from './request.ts'
import { readResponse } from './response.ts'

/** An XML ID begins with no digit. */
const requestIdOf = ({ nonce }: Flow) => `_${nonce}`

/** Where the browser goes to sign in. Nothing is asked of the provider itself: SAML has no back channel here. */
export function samlRequestUrl(sso: Sso, provider: ProviderRow, flow: Flow): Promise<string> {
  const { state, reauthenticate } = flow
  const asked = { requestId: requestIdOf(flow), reauthenticate, relayState: state }
  return authnRequestUrl(ownSettings(provider, 'saml'), samlAddresses(sso, provider), asked)
}

/**
 * Takes the response that this browser brought back. A request is answered once, so that no response counts again: it
 * names the request, and who holds a copy of the cookie comes too late.
 * @throws {SsoRefusal}
 */
export async function readSamlAnswer(sso: Sso, provider: ProviderRow, flow: Flow, response: string): Promise<Answer> {
  const requestId = requestIdOf(flow)
  const { proved, claims } = await readResponse(response, {
    settings: ownSettings(provider, 'saml'),
    addresses: samlAddresses(sso, provider),
    asked: { requestId, reauthenticate: flow.reauthenticate },
    now: Date.now(),
  })

  const once = { name: `saml ${provider.id} ${requestId}`, expiresAt: new Date(flow.expiresAt) }
  if (!(await takeOnce(sso.sessions.store, once))) throw new SsoRefusal('expired')
  return { proved, claims, providerSid: null, logout: null }
}
