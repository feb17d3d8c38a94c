import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

import { everyKey, type SecretKeys } from '../keys.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Text that only a server key opens: what lies in the database tells nothing of it, and proves no guess. */
export interface Sealed {
  keyId: string
  /** Base64 of nonce, text and tag. */
  sealed: string
}

export interface Seals {
  /** Under the current server key. @param id what it belongs to: it opens for nothing else */
  seal(id: string, text: string): Sealed
  /** Null without the key that sealed it, or when it was tampered with. */
  open(id: string, sealed: Sealed): string | null
}

/** AES-256-GCM under a key that is derived for this one purpose. */
export function createSeals(keys: SecretKeys): Seals {
  const derived = new Map(everyKey(keys).map((key) => [key.id, key.derive('leak report')]))
  const current = keys.derive('leak report')

  return {
    seal(id, text) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, current, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(id))
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return { keyId: keys.id, sealed: Buffer.concat(parts).toString('base64') }
    },

    open(id, { keyId, sealed }) {
      const key = derived.get(keyId)
      const bytes = Buffer.from(sealed, 'base64')
      if (!key || bytes.length < NONCE_BYTES + TAG_BYTES) return null

      const nonce = bytes.subarray(0, NONCE_BYTES)
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch {
        return null
      }
    },
  }
}
