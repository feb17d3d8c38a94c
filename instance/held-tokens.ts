import type { ForgeLink } from './forge-link.ts'

/** The text of a caller's token, and the connection to the forge that has said whose it is. */
export interface HeldToken {
  readonly text: string
  readonly tokenId: string
  readonly link: ForgeLink
}

/**
 * By what stands for a request: itself, and its AuthInfo. Nobody who holds one of these can read the text from it; what
 * is done with it is done by `exchangeFor` alone.
 */
const held = new WeakMap<object, HeldToken>()

/** Remembers whose token came with a request. @returns what forgets it; to be called when the request is over */
export function holdToken(keys: readonly object[], token: HeldToken): () => void {
  for (const key of keys) held.set(key, token)
  return () => keys.forEach((key) => held.delete(key))
}

/** Null when no token came with it, and when the request is over. */
export function heldTokenOf(key: object): HeldToken | null {
  return held.get(key) ?? null
}
