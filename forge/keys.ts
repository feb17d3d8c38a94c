import { hkdfSync } from 'node:crypto'

/** One server key and what is derived from it. The key itself never leaves this closure. */
export interface ServerKey {
  /** Public name of the key, kept beside what was made with it, so that the key can be replaced. */
  id: string
  /** A 32-byte key for one purpose (HKDF-SHA-256, RFC 5869); the same purpose gives the same key. */
  derive(purpose: string): Buffer
}

/** The server key that everything new is made with, and those before it, under which the old is still recognised. */
export interface SecretKeys extends ServerKey {
  previous: readonly ServerKey[]
}

const KEY_BYTES = 32

/**
 * Reads the server keys. @param base64 32 bytes, as FORGE_SECRET_KEY holds them
 * @param previous the same of keys that were replaced, as FORGE_SECRET_KEYS_OLD holds them
 * @throws {RangeError} when one of them is not exactly 32 bytes
 */
export function createSecretKeys(base64: string, previous: readonly string[] = []): SecretKeys {
  const current = createServerKey(base64)
  // Whoever leaves the current key in the list of old ones means no harm.
  const others = previous.map(createServerKey).filter(({ id }) => id !== current.id)
  return { ...current, previous: others }
}

/** All keys, the current one first. */
export function everyKey({ previous, ...current }: SecretKeys): ServerKey[] {
  return [current, ...previous]
}

function createServerKey(base64: string): ServerKey {
  const key = Buffer.from(base64, 'base64')
  if (key.length !== KEY_BYTES) throw new RangeError(`the secret key must be ${KEY_BYTES} bytes in base64`)

  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', `forge-pat ${purpose}`, KEY_BYTES))
  return { id: derive('key id').toString('hex', 0, 4), derive }
}
