import type { Notice } from '@contract/notice.ts'
import { watch } from 'vue'

import * as api from '../api.ts'
import { useResource } from './useResource.ts'
import { useUnread } from './useUnread.ts'

const PAGE_SIZE = 50

interface Notices {
  notices: Notice[]
  unread: number
  /** Where the next page begins; null after the last one. */
  next: string | null
}

/** What the signed-in person was told, page by page: old notices are many and seldom looked for. */
export function useNotices() {
  let pages = 1
  const resource = useResource<Notices>(() => loadPages(pages))
  const { set } = useUnread()
  watch(resource.value, (loaded) => {
    if (loaded) set(loaded.unread)
  })

  async function loadMore(): Promise<void> {
    pages += 1
    await resource.load()
  }

  return { ...resource, loadMore }
}

/** Read anew from the start, so that what was read in between is shown as read. */
async function loadPages(count: number): Promise<Notices> {
  const loaded: Notices = { notices: [], unread: 0, next: null }
  for (let page = 0; page < count; page++) {
    const answer = await api.listNotices({ limit: PAGE_SIZE, ...(loaded.next === null ? {} : { cursor: loaded.next }) })
    loaded.notices.push(...answer.notices)
    Object.assign(loaded, { unread: answer.unread, next: answer.meta.next_cursor ?? null })
    if (loaded.next === null) break
  }
  return loaded
}
