import type { AuthInfo } from '@modelcontextprotocol/server'

import type { InstanceRequest } from './connect.ts'
import type { ForgeLink } from './forge-link.ts'

/** The text of a caller's token, and the connection to the forge that has said whose it is. */
export interface HeldToken {
  readonly text: string
  readonly tokenId: string
  readonly link: ForgeLink
}

/**
 * By the AuthInfo of a request, which stands for that request alone. Nobody who holds it can read the text from it; what
 * is done with it is done by `exchangeFor` alone.
 */
const held = new WeakMap<object, HeldToken>()

/** Remembers whose token came with a request. @returns what forgets it; to be called when the request is over */
export function holdToken(authInfo: AuthInfo, token: HeldToken): () => void {
  held.set(authInfo, token)
  return () => held.delete(authInfo)
}

/** Null when no token came with it, and when the request is over. @param caller a request, or its AuthInfo */
export function heldTokenOf(caller: object): HeldToken | null {
  return held.get(caller) ?? held.get((caller as InstanceRequest).auth ?? caller) ?? null
}
