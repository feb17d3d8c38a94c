import type { Token } from '@contract/token.ts'
import { computed, type Ref } from 'vue'

import * as api from '../api.ts'
import { healthOf } from '../domain/health.ts'
import { listTargets } from '../domain/reach.ts'
import {
  groupOf,
  groupTokens,
  GROUPS,
  NO_LIST_FILTERS,
  searchTokens,
  sortOf,
  sortTokens,
  type TokenGroup,
} from '../domain/token-list.ts'
import { collectPages } from './collectPages.ts'
import { useFilters } from './useFilters.ts'
import { useResource } from './useResource.ts'

/** The signed-in person's tokens, and which of them are looked at. @param now epoch ms */
export function useTokens(now: Readonly<Ref<number>>) {
  const { value: tokens, error, loading, load } = useResource(() => collectPages(api.listTokens, (page) => page.tokens))
  // Only what a token is worth hangs on these: the list does not wait for them.
  const targets = useResource(async () => listTargets(await api.listTokenTargets()))
  const { filters, change } = useFilters(NO_LIST_FILTERS)

  const all = computed<Token[]>(() => tokens.value ?? [])
  const group = computed(() => groupOf(filters.value.show))
  const sort = computed(() => sortOf(filters.value.sort))
  const groups = computed(() => groupTokens(all.value, now.value))
  const counts = computed(
    () => Object.fromEntries(GROUPS.map((name) => [name, groups.value[name].length])) as Record<TokenGroup, number>,
  )

  const shown = computed(() => {
    const found = searchTokens(groups.value[group.value], filters.value.query)
    return sortTokens(found, sort.value, (token) => healthOf(token, targets.value.value ?? [], now.value).score)
  })
  /** Where else the search finds something, when it finds nothing here. */
  const elsewhere = computed(() => {
    if (filters.value.query.trim() === '' || shown.value.length > 0) return null
    const wider: TokenGroup[] = ['active', 'ended', 'exchanged']
    const hits = wider.map((name) => ({
      group: name,
      count: searchTokens(groups.value[name], filters.value.query).length,
    }))
    return hits.find(({ count }) => count > 0) ?? null
  })

  const byId = computed(() => new Map(all.value.map((token) => [token.id, token])))
  /** Those whose alarm waits for an answer, whichever group is looked at. */
  const alarmed = computed(() => all.value.filter(({ alarm }) => alarm !== null))

  async function loadAll(): Promise<void> {
    await Promise.all([load(), targets.load()])
  }

  return {
    tokens,
    shown,
    elsewhere,
    counts,
    filters,
    group,
    sort,
    change,
    byId,
    alarmed,
    targets,
    error,
    loading,
    load: loadAll,
  }
}
