import type { Token } from '@contract/token.ts'
import { computed, ref } from 'vue'

import * as api from '../api.ts'
import { isLive } from '../domain/life.ts'
import { collectPages } from './collectPages.ts'
import { useResource } from './useResource.ts'

export type TokenFilter = 'active' | 'ended'

/** The signed-in person's tokens, and which half of them is looked at. */
export function useTokens() {
  const { value: tokens, error, loading, load } = useResource(() => collectPages(api.listTokens, (page) => page.tokens))
  const filter = ref<TokenFilter>('active')

  const split = computed(() => {
    const all = tokens.value ?? []
    return {
      active: all.filter((token) => isLive(token)),
      ended: all.filter((token) => !isLive(token)),
    } satisfies Record<TokenFilter, Token[]>
  })
  const shown = computed(() => split.value[filter.value])
  const counts = computed(() => ({ active: split.value.active.length, ended: split.value.ended.length }))

  const byId = computed(() => new Map((tokens.value ?? []).map((token) => [token.id, token])))
  /** Those whose alarm waits for an answer, whichever half is looked at. */
  const alarmed = computed(() => (tokens.value ?? []).filter(({ alarm }) => alarm !== null))

  return { tokens, shown, counts, filter, byId, alarmed, error, loading, load }
}
