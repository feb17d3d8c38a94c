import { readonly, ref } from 'vue'

import * as api from '../api.ts'

/** How many notices wait to be read. The header shows it and the page of notices changes it, so it is the module's. */
const unread = ref<number>(0)

export function useUnread() {
  return { unread: readonly(unread), set, refresh }
}

function set(count: number): void {
  unread.value = count
}

/** Asks the forge. What it cannot tell now it tells the next time; no page is any worse for it. */
async function refresh(): Promise<void> {
  const page = await api.peekNotices().catch(() => null)
  if (page !== null) set(page.unread)
}
