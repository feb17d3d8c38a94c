import type { TokenTargets } from '@contract/targets.ts'
import type { Token } from '@contract/token.ts'

import * as api from '../api.ts'
import { useResource } from './useResource.ts'

/** A token with what its owner may reach now. */
export interface TokenView {
  token: Token
  targets: TokenTargets
}

/** One token, for the pages about it. */
export function useTokenView(id: () => string) {
  return useResource<TokenView>(async () => {
    const [token, targets] = await Promise.all([api.getToken(id()), api.listTokenTargets()])
    return { token, targets }
  })
}
