import type { AuditLogEntry } from '@contract/audit.ts'
import { computed, watch } from 'vue'

import * as api from '../api.ts'
import { auditQuery, NO_AUDIT_FILTERS } from '../domain/audit.ts'
import { useFilters } from './useFilters.ts'
import { usePagedList } from './usePagedList.ts'

const PAGE_SIZE = 50

/** A team's log, as far as the filters in the address keep it. */
export function useTeamAudit(teamId: () => string) {
  const { filters, isNarrowed, change, clear } = useFilters(NO_AUDIT_FILTERS)
  const query = computed(() => auditQuery(filters.value))

  const list = usePagedList<AuditLogEntry>(async (cursor) => {
    const where = { ...query.value, limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) }
    const page = await api.listTeamAudit(teamId(), where)
    return { items: page.log, count: page.count, next: page.meta.next_cursor }
  })
  watch(query, list.restart, { immediate: true })

  const exports = computed(() => ({
    csv: api.teamAuditExport(teamId(), { ...query.value, format: 'csv' }),
    jsonl: api.teamAuditExport(teamId(), { ...query.value, format: 'jsonl' }),
  }))
  return { ...list, filters, isNarrowed, change, clear, exports }
}
