import { LRUCache } from 'lru-cache'

import { SCOPES } from '../forge/contract/introspection.ts'
import { ACCESS_TOKEN_TYPE, GRANTS } from '../forge/contract/oauth.ts'
import { ForgeUnavailableError, type ForgeApi } from './forge-api.ts'
import type { HeldToken } from './held-tokens.ts'

/** A token for another instance, good for this instance's caller, who stays who they are. */
export interface ExchangedToken {
  /** Send it as `Authorization: Bearer …` to the resource that it was asked for, and nowhere else. */
  readonly accessToken: string
  /** `mcp:read`, or `mcp:read mcp:write`. */
  readonly scope: string
  /** ISO 8601. */
  readonly expiresAt: string
}

/** What is wanted of the other instance. */
export interface ExchangeWish {
  /** Its address, or that of something below it such as `/mcp`. */
  resource: string
  /** Only to read there, even where the caller may do more. */
  readOnly?: boolean | undefined
}

/** The forge gives no token, or nobody is there to ask for; the message is a sentence for the author of the code. */
export class ExchangeError extends Error {
  override name = 'ExchangeError'
  /** `no_caller`, or what RFC 8693 section 2.2.2 calls it. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export interface Exchanger {
  /** @throws {ExchangeError} @throws {ForgeUnavailableError} */
  exchange(token: HeldToken, wish: ExchangeWish): Promise<ExchangedToken>
  /** Drops what came of one token, or of all. */
  forget(tokenId?: string): void
}

/** Of its life: what is handed out can still be used for a while. */
const REUSED_PART = 3 / 4
/** The clock is monotonic: setting the time of the machine back lengthens nothing's life. */
const BOUNDS = { max: 1_000, ttlResolution: 0, perf: { now: () => performance.now() } }

/**
 * Exchanges tokens of callers at the forge (RFC 8693), with the instance's own credential as the actor, and hands out
 * again what it got: until that ends soon, or the forge says that the caller's token has changed.
 */
export function createExchanger(forge: ForgeApi): Exchanger {
  const known = new LRUCache<string, ExchangedToken>(BOUNDS)
  const open = new Map<string, Promise<ExchangedToken>>()
  let generation = 0

  async function ask(key: string, { text }: HeldToken, wish: ExchangeWish): Promise<ExchangedToken> {
    const askedIn = generation
    const { lifeMs, ...token } = await askForge(forge, text, wish)
    // A forget() in the meantime was about a change that this answer may not know.
    if (askedIn === generation) known.set(key, token, { ttl: Math.max(1, lifeMs * REUSED_PART) })
    return token
  }

  return {
    exchange: async (token, wish) => {
      const key = [token.tokenId, wish.readOnly === true, wish.resource].join(' ')
      const before = known.get(key) ?? open.get(key)
      if (before) return before

      const asking = ask(key, token, wish).finally(() => {
        if (open.get(key) === asking) open.delete(key)
      })
      open.set(key, asking)
      return asking
    },

    forget: (tokenId) => {
      generation++
      open.clear()
      if (tokenId === undefined) return known.clear()
      for (const key of known.keys()) if (key.startsWith(`${tokenId} `)) known.delete(key)
    },
  }
}

async function askForge(
  forge: ForgeApi,
  text: string,
  { resource, readOnly = false }: ExchangeWish,
): Promise<ExchangedToken & { lifeMs: number }> {
  const form = { grant_type: GRANTS.exchange, subject_token: text, subject_token_type: ACCESS_TOKEN_TYPE, resource }
  const body = new URLSearchParams({ ...form, ...(readOnly ? { scope: SCOPES.read } : {}) })
  const response = await forge('/oauth/token', { method: 'POST', body, expect: [200, 400] })
  const answer: unknown = await response.json().catch(() => null)

  if (isRefusal(answer)) throw new ExchangeError(answer.error, answer.error_description ?? 'The forge gives no token.')
  if (!isToken(answer))
    throw new ForgeUnavailableError('The forge answered an exchange with what this instance does not understand.')
  const { access_token: accessToken, expires_in: seconds, scope } = answer
  const lifeMs = seconds * 1000
  return { accessToken, scope, expiresAt: new Date(Date.now() + lifeMs).toISOString(), lifeMs }
}

function isRefusal(answer: unknown): answer is { error: string; error_description?: string } {
  return isFields(answer) && typeof answer['error'] === 'string'
}

function isToken(answer: unknown): answer is { access_token: string; expires_in: number; scope: string } {
  if (!isFields(answer)) return false
  const { access_token: token, expires_in: seconds, scope } = answer
  return typeof token === 'string' && typeof seconds === 'number' && typeof scope === 'string'
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
