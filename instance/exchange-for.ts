import { ExchangeError, type ExchangedToken, type ExchangeWish } from './exchange-token.ts'
import { heldTokenOf } from './held-tokens.ts'

/**
 * A token with which this instance may call another one as its caller (RFC 8693): narrower than the caller's own, for
 * that instance alone, for 15 minutes at most, and dead as soon as the caller's is. While it lasts it is handed out
 * again.
 * @param caller the request that the middleware has let through, or the AuthInfo that it has put there, and that an SDK
 * server hands to its tools; good until the request is answered
 * @throws {ExchangeError} no_caller; invalid_target: there is no such instance, or the caller may not use it
 * @throws {ForgeUnavailableError} nobody can say
 */
export async function exchangeFor(caller: object, wish: ExchangeWish): Promise<ExchangedToken> {
  const token = heldTokenOf(caller)
  if (!token) throw new ExchangeError('no_caller', NOBODY)
  return token.link.exchanger.exchange(token, wish)
}

const NOBODY =
  'There is no caller to act for: the request came without an access token of the forge, or has been answered already.'
