import { createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

import argon2 from 'argon2'

import { formatToken, type TokenParts } from '../contract/token-format.ts'
import { everyKey, type SecretKeys, type ServerKey } from '../keys.ts'
import type { Tracer } from '../tracer.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SELECTOR_DIGITS = 12
const SECRET_BYTES = 32
const SECRET_DIGITS = 43
const PREFILTER_BYTES = 4

/**
 * Small on purpose: the secret has 256 random bits, so no guess is worth slowing down, and a forge that starts again
 * proves thousands of tokens at once. Passwords get OWASP's parameters (docs/adr/0002).
 */
const ARGON2 = { type: argon2.argon2id, memoryCost: 4096, timeCost: 1, parallelism: 1 } as const

/** What is kept of a secret. Useless without the server key, which is not in the database. */
export interface StoredSecret {
  /** argon2id as a PHC string, peppered with the server key. */
  secretHash: string
  /** First 4 bytes, in hex, of an HMAC-SHA-256: tells all but one wrong secret in four billion before argon2 runs. */
  prefilter: string
  /** Which server key made both. */
  keyId: string
}

export interface NewSecret extends TokenParts {
  /** The text that is shown once. */
  text: string
}

/** A fresh selector and secret from the system's random source. */
export function generateSecret(): NewSecret {
  const selector = Array.from({ length: SELECTOR_DIGITS }, () => BASE62.charAt(randomInt(62))).join('')
  const secret = base62(randomBytes(SECRET_BYTES))
  return { selector, secret, text: formatToken({ selector, secret }) }
}

/** What guards secrets at rest: two derived keys for each server key. */
export interface SecretGuard {
  /** Under the current server key. */
  protect(secret: string): Promise<StoredSecret>
  /** Constant-time look at the prefilter. Always does the same work, also when there is nothing to compare with. */
  mayMatch(secret: string, stored: StoredSecret | null): boolean
  /** The proof: whether the secret is the one behind the hash. Takes milliseconds of a thread. */
  matches(secret: string, stored: StoredSecret): Promise<boolean>
  /** Whether what is kept was made with the current server key, and not with one that it replaced. */
  isCurrent(stored: StoredSecret): boolean
}

/**
 * Hashes secrets under the current server key, and checks them under the one that made their hash.
 * @param onUnknownKey is told, once for each, of a key id that no server key here has: what it made is refused
 */
export function createSecretGuard(keys: SecretKeys, onUnknownKey: (keyId: string) => void = () => {}): SecretGuard {
  const current = createKeyGuard(keys)
  const guards = new Map(everyKey(keys).map((key) => [key.id, createKeyGuard(key)]))
  const unknown = new Set<string>()

  const guardOf = (stored: StoredSecret | null): KeyGuard | undefined => {
    const guard = stored ? guards.get(stored.keyId) : undefined
    if (stored && !guard && !unknown.has(stored.keyId)) {
      unknown.add(stored.keyId)
      onUnknownKey(stored.keyId)
    }
    return guard
  }

  return {
    async protect(secret) {
      return {
        secretHash: await argon2.hash(secret, { ...ARGON2, secret: current.pepper }),
        prefilter: current.prefilterOf(secret).toString('hex'),
        keyId: keys.id,
      }
    },

    mayMatch(secret, stored) {
      const guard = guardOf(stored)
      const known = stored !== null && guard !== undefined
      const expected = known ? Buffer.from(stored.prefilter, 'hex') : NOTHING
      return timingSafeEqual((guard ?? current).prefilterOf(secret), expected) && known
    },

    async matches(secret, stored) {
      const guard = guardOf(stored)
      return guard !== undefined && argon2.verify(stored.secretHash, secret, { secret: guard.pepper })
    },

    isCurrent: ({ keyId }) => keyId === keys.id,
  }
}

const NOTHING = Buffer.alloc(PREFILTER_BYTES)

interface KeyGuard {
  pepper: Buffer
  prefilterOf(secret: string): Buffer
}

/** The same, and argon2 is told of. */
export function traceSecretGuard(guard: SecretGuard, tracer: Tracer): SecretGuard {
  return {
    ...guard,
    protect: (secret) => tracer.span('argon2', () => guard.protect(secret)),
    matches: (secret, stored) => tracer.span('argon2', () => guard.matches(secret, stored)),
  }
}

/** What one server key guards with, derived once. */
function createKeyGuard(key: ServerKey): KeyGuard {
  const prefilterKey = key.derive('token prefilter')
  return {
    pepper: key.derive('token pepper'),
    prefilterOf: (secret) => createHmac('sha256', prefilterKey).update(secret).digest().subarray(0, PREFILTER_BYTES),
  }
}

/** 256 bits as 43 base62 digits, zero-padded: 62^43 is just above 2^256. */
function base62(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let digits = ''
  for (let i = 0; i < SECRET_DIGITS; i++) {
    digits = BASE62.charAt(Number(rest % 62n)) + digits
    rest /= 62n
  }
  return digits
}
