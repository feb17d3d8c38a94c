import { errors, jwtVerify, type JWTPayload } from 'jose'

import { ForgeError } from '../../../errors/forge-error.ts'
import type { ProviderRow } from '../model.ts'
import { SsoRefusal } from '../refusal.ts'
import { takeOnce } from '../seen.ts'
import { ownSettings } from '../settings.ts'
import { providerActor, type Origin } from '../sign-in.ts'
import type { Sso } from '../sso.ts'
import { endSessions, withdrawSignIn } from '../withdraw.ts'
import { openKeys } from './client.ts'
import { SIGNATURES } from './sign-in.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const MAX_AGE_SECONDS = 600
const SKEW_SECONDS = 60

/**
 * OpenID Connect Back-Channel Logout 1.0. With a session id, that session ends. Without one it is about the person as a
 * whole: all their sessions of this provider end, and their tokens wait in its teams until they sign in again.
 * @throws {ForgeError} invalid_request for a token that is not right, or was here before; unavailable
 */
export async function takeLogoutToken(sso: Sso, provider: ProviderRow, token: string, origin: Origin): Promise<void> {
  const claims = await verify(provider, token)
  const { sid, sub } = checkClaims(claims)
  const { store } = sso.sessions
  const actor = providerActor(provider, origin)

  await store.db.transaction(async (transaction) => {
    const name = `logout ${provider.id} ${claims.iss ?? ''} ${claims.jti ?? ''}`
    const expiresAt = new Date(Date.now() + (MAX_AGE_SECONDS + 2 * SKEW_SECONDS) * 1000)
    if (!(await takeOnce(store, { name, expiresAt }, transaction))) throw refused()

    const known = { providerId: provider.id, issuer: claims.iss ?? '' }
    const bySession = sid === null ? null : { providerId: provider.id, providerSid: sid }
    const rows = bySession ? await store.Session.findAll({ where: bySession, transaction }) : []
    const identity =
      sub === null ? null : await store.Identity.findOne({ where: { ...known, subject: sub }, transaction })
    const userIds = [...new Set([...rows.map((row) => row.userId), ...(identity ? [identity.userId] : [])])]

    for (const user of await store.User.findAll({ where: { id: userIds }, transaction })) {
      const concerned = { provider, user, actor }
      await endSessions(sso, concerned, bySession ?? { providerId: provider.id }, transaction)
      if (sid === null) await withdrawSignIn(sso, concerned, transaction)
    }
  })
}

async function verify(provider: ProviderRow, token: string): Promise<JWTPayload> {
  const { issuer, clientId } = ownSettings(provider, 'oidc')
  try {
    const { payload } = await jwtVerify(token, await openKeys(provider), {
      issuer,
      audience: clientId,
      algorithms: SIGNATURES,
      maxTokenAge: MAX_AGE_SECONDS,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['jti', 'iat'],
    })
    return payload
  } catch (error) {
    if (error instanceof SsoRefusal || error instanceof errors.JWKSTimeout) {
      throw new ForgeError('unavailable', 'The keys of the provider cannot be had right now.', {
        cause: error,
        retryAfterSeconds: 30,
      })
    }
    throw refused(error)
  }
}

/** Section 2.6: the event is there, and no nonce, so that no ID token can be sent in its place. @throws {ForgeError} */
function checkClaims({ events, nonce, sid, sub }: JWTPayload): { sid: string | null; sub: string | null } {
  const event = typeof events === 'object' && events !== null && Object.hasOwn(events, EVENT)
  const named = { sid: typeof sid === 'string' ? sid : null, sub: typeof sub === 'string' ? sub : null }
  if (!event || nonce !== undefined || (named.sid === null && named.sub === null)) throw refused()
  return named
}

const refused = (cause?: unknown) =>
  new ForgeError('invalid_request', 'This is no logout token of this provider, or it was used before.', { cause })
