import { hkdfSync } from 'node:crypto'

/** The server key and what is derived from it. The key itself never leaves this closure. */
export interface SecretKeys {
  /** Public name of the key, kept beside what was made with it, so that the key can be replaced. */
  id: string
  /** A 32-byte key for one purpose (HKDF-SHA-256, RFC 5869); the same purpose gives the same key. */
  derive(purpose: string): Buffer
}

const KEY_BYTES = 32

/**
 * Reads the server key. @param base64 32 bytes, as FORGE_SECRET_KEY holds them
 * @throws {RangeError} when it is not exactly 32 bytes
 */
export function createSecretKeys(base64: string): SecretKeys {
  const key = Buffer.from(base64, 'base64')
  if (key.length !== KEY_BYTES) throw new RangeError(`the secret key must be ${KEY_BYTES} bytes in base64`)

  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', `forge-pat ${purpose}`, KEY_BYTES))
  return { id: derive('key id').toString('hex', 0, 4), derive }
}
