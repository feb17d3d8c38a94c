import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router'

import { useSession } from './composables/useSession.ts'
import { isBesideFlowFuse } from './host.ts'

/** Whether a page may be opened, or where to go instead. */
export async function guard(to: RouteLocationNormalized): Promise<true | RouteLocationRaw> {
  const session = useSession()
  if (to.meta.ownHost && isBesideFlowFuse()) return nowhere(to)
  if (to.meta.public) return true

  fetchPage(to)
  const user = session.user.value ?? (await session.load())
  if (user === null) return { name: 'forge-pat-login', query: { return: to.fullPath } }
  if (to.meta.admin && !user.admin) return nowhere(to)
  return true
}

/** The address stays as it is. The first of `matched` is where our pages are mounted. */
const nowhere = ({ path, matched }: RouteLocationNormalized): RouteLocationRaw => ({
  name: 'forge-pat-not-found',
  params: {
    path: path
      .slice(matched[0]?.path.length ?? 0)
      .split('/')
      .filter(Boolean),
  },
})

/** Its script comes while the forge is asked who is there, and not after. A failure shows when the page is opened. */
function fetchPage({ matched }: RouteLocationNormalized): void {
  for (const { components } of matched) {
    const page: unknown = components?.['default']
    if (typeof page === 'function') void (page as () => Promise<unknown>)().catch(() => undefined)
  }
}
