import { createPublicKey, verify, type KeyObject } from 'node:crypto'

import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

import { ForgeError } from '../errors/forge-error.ts'

/** Where GitHub publishes the keys that it signs alerts with. */
const KEYS_URL = 'https://api.github.com/meta/public_keys/secret_scanning'

const BELIEVED_MS = 60 * 60_000
/** An unknown key may be a new one; who makes key ids up must not make us ask GitHub each time. */
const ASK_AGAIN_MS = 60_000
const ANSWER_WITHIN_MS = 10_000

export interface GithubAlertOptions {
  /** Instead of GitHub's own address, for a GitHub Enterprise Server. */
  keysUrl?: string
  /** Instead of the global one. */
  fetch?: typeof fetch
}

/** The form in which an alert comes: what was signed, and the two headers. */
export interface SignedAlert {
  payload: Buffer
  keyId: string
  /** Base64 of the signature in DER. */
  signature: string
}

export interface GithubKeys {
  /** Whether GitHub signed this: ECDSA with P-256 and SHA-256. @throws {ForgeError} unavailable without its keys */
  hasSigned(alert: SignedAlert): Promise<boolean>
}

const PublishedKeysSchema = Type.Object({
  public_keys: Type.Array(Type.Object({ key_identifier: Type.String(), key: Type.String() })),
})

/** GitHub's public keys, fetched when an alert comes and believed for an hour. */
export function createGithubKeys({ keysUrl = KEYS_URL, fetch: send = fetch }: GithubAlertOptions): GithubKeys {
  let known = new Map<string, KeyObject>()
  let fetchedAt = -Infinity
  let fetching: Promise<void> | null = null

  const refresh = async () => {
    fetching ??= fetchKeys(send, keysUrl)
      .then((keys) => {
        known = keys
        fetchedAt = Date.now()
      })
      .finally(() => (fetching = null))
    await fetching
  }

  return {
    async hasSigned({ payload, keyId, signature }) {
      const age = Date.now() - fetchedAt
      if (age >= BELIEVED_MS || (!known.has(keyId) && age >= ASK_AGAIN_MS)) await refresh()

      const key = known.get(keyId)
      return key !== undefined && verify('sha256', payload, key, Buffer.from(signature, 'base64'))
    },
  }
}

/** @throws {ForgeError} unavailable: GitHub sends the alert again */
async function fetchKeys(send: typeof fetch, url: string): Promise<Map<string, KeyObject>> {
  try {
    const response = await send(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), redirect: 'error' })
    const published: unknown = await response.json()
    if (!response.ok || !Value.Check(PublishedKeysSchema, published)) {
      throw new TypeError(`${url} answered ${response.status}, and no list of keys`)
    }

    const keys = published.public_keys.map(({ key_identifier: id, key }) => [id, createPublicKey(key)] as const)
    return new Map(keys.filter(([, key]) => isP256(key)))
  } catch (cause) {
    throw new ForgeError('unavailable', 'The keys of GitHub cannot be fetched. Try again later.', {
      cause,
      retryAfterSeconds: 60,
    })
  }
}

function isP256({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
}
