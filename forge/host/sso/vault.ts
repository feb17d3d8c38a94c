import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

import { everyKey, type SecretKeys, type ServerKey } from '../../keys.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Text that only this forge can read, and the server key that it is kept under. */
export interface Sealed {
  keyId: string
  /** Nonce, tag and ciphertext in base64url. */
  text: string
}

/** AES-256-GCM under a key derived from the server key. */
export interface Vault {
  /** @param purpose what it is, and whose: the same must be said to open it, so that a row can't be put in another's place */
  seal(text: string, purpose: string): Sealed
  /** The text; null when no key is here that made it, or it was changed. */
  open(sealed: Sealed, purpose: string): string | null
  /** The key that new text is sealed under. */
  keyId: string
}

export function createVault(keys: SecretKeys): Vault {
  const keyOf = new Map(everyKey(keys).map((key) => [key.id, derive(key)]))
  const current = derive(keys)

  return {
    keyId: keys.id,
    seal(text, purpose) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', current, nonce).setAAD(Buffer.from(purpose))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return { keyId: keys.id, text: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url') }
    },

    open({ keyId, text }, purpose) {
      const key = keyOf.get(keyId)
      const bytes = Buffer.from(text, 'base64url')
      if (!key || bytes.length < NONCE_BYTES + TAG_BYTES) return null

      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      try {
        const body = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
        return Buffer.concat([body, decipher.final()]).toString('utf8')
      } catch {
        return null
      }
    },
  }
}

function derive(key: ServerKey): Buffer {
  return key.derive('sso vault')
}
