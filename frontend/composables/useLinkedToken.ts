import type { Token } from '@contract/token.ts'
import { nextTick, watch, type Ref } from 'vue'
import { useRoute } from 'vue-router'

import { isLive } from '../domain/life.ts'
import type { TokenFilter } from './useTokens.ts'

/** Shows the token that the address names (`#token-<id>`), in whichever half of the list it is. */
export function useLinkedToken(byId: Ref<ReadonlyMap<string, Token>>, filter: Ref<TokenFilter>): void {
  const route = useRoute()
  let shown = ''

  async function show(): Promise<void> {
    const token = byId.value.get(route.hash.replace(/^#token-/, ''))
    // Once for each link: reading the list again must not move the person back to it.
    if (token === undefined || shown === route.fullPath) return

    shown = route.fullPath
    filter.value = isLive(token) ? 'active' : 'ended'
    await nextTick()
    document.getElementById(`token-${token.id}`)?.focus()
  }

  watch([() => route.hash, byId], show, { flush: 'post', immediate: true })
}
