import { hash, randomBytes } from 'node:crypto'

/**
 * Makes what stands for a secret in a map of this process: SHA-256 with a key before it that dies with the process.
 * HMAC is for digests that somebody sees, and could extend; nobody sees these, and it takes several times as long.
 * Nor does anybody read them: one byte a character is the shortest.
 */
export function createMemoryKeys(): (text: string) => string {
  const processKey = randomBytes(32).toString('base64')
  return (text) => hash('sha256', processKey + text, 'binary')
}
