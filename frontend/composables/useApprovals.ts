import type { TeamApproval } from '@contract/oversight.ts'

import * as api from '../api.ts'
import { usePagedList } from './usePagedList.ts'

const PAGE_SIZE = 50

/** What the owners of a team were asked to approve, pending first. */
export function useApprovals(teamId: () => string) {
  return usePagedList<TeamApproval>(async (cursor) => {
    const page = await api.listApprovals(teamId(), { limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) })
    return { items: page.approvals, count: page.count, next: page.meta.next_cursor }
  })
}
