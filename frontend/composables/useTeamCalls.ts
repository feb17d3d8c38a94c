import type { ToolCall } from '@contract/tool-calls.ts'
import { computed, watch } from 'vue'

import * as api from '../api.ts'
import { callQuery, NO_CALL_FILTERS } from '../domain/tool-calls.ts'
import { useFilters } from './useFilters.ts'
import { usePagedList } from './usePagedList.ts'
import { useResource } from './useResource.ts'

const PAGE_SIZE = 50

/** Calls at the instances of a team, as far as the filters in the address keep them, with their number by day. */
export function useTeamCalls(teamId: () => string) {
  const { filters, isNarrowed, change, clear } = useFilters(NO_CALL_FILTERS)
  const query = computed(() => callQuery(filters.value))

  const list = usePagedList<ToolCall>(async (cursor) => {
    const where = { ...query.value, limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) }
    const page = await api.listTeamCalls(teamId(), where)
    return { items: page.calls, count: page.count, next: page.meta.next_cursor }
  })
  /** An extra: without it the list is still whole. */
  const days = useResource(async () => (await api.countTeamCalls(teamId(), query.value)).days)
  const restart = () => Promise.all([list.restart(), days.load()])
  watch(query, restart, { immediate: true })

  const exports = computed(() => ({
    csv: api.teamCallsExport(teamId(), { ...query.value, format: 'csv' }),
    jsonl: api.teamCallsExport(teamId(), { ...query.value, format: 'jsonl' }),
  }))
  return { ...list, restart, days: days.value, filters, isNarrowed, change, clear, exports }
}
