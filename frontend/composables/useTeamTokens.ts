import type { TeamToken } from '@contract/oversight.ts'
import { watch } from 'vue'

import * as api from '../api.ts'
import { NO_TOKEN_FILTERS, tokenQuery } from '../domain/team-tokens.ts'
import { useFilters } from './useFilters.ts'
import { usePagedList } from './usePagedList.ts'

/** The tokens that reach a team, as far as the filters in the address keep them. */
export function useTeamTokens(teamId: () => string) {
  const { filters, isNarrowed, change, clear } = useFilters(NO_TOKEN_FILTERS)

  const list = usePagedList<TeamToken>(async (cursor) => {
    const query = tokenQuery(filters.value, Date.now())
    const page = await api.listTeamTokens(teamId(), { ...query, ...(cursor === undefined ? {} : { cursor }) })
    return { items: page.tokens, count: page.count, next: page.meta.next_cursor }
  })
  watch(filters, list.restart, { immediate: true })

  return { ...list, filters, isNarrowed, change, clear }
}
