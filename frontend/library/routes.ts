import type { RouteRecordRaw } from 'vue-router'

import { standAt } from '../base.ts'
import { guard } from '../guard.ts'
import { standInFlowFuse } from '../host.ts'
import { speak, type Messages } from '../messages/messages.ts'
import { pages } from '../pages.ts'

export interface ForgePatOptions {
  /** Where the pages stand in the host's router, such as `/access-tokens`. */
  mountPath: string
  /** Where forge-pat is, at the host's own address: `/pat`. */
  api: string
  /** Other words than the English ones: `english`, with what is to be different. */
  words?: Messages
}

/** The routes of all pages, for a FlowFuse's router. Their names begin with `forge-pat-`. */
export function routes({ mountPath, api, words }: ForgePatOptions): RouteRecordRaw[] {
  standAt(api)
  standInFlowFuse()
  if (words) speak(words)

  const children = [...pages().map(guarded), signInPage]
  return [{ path: mountPath, component: () => import('./ForgePatPages.vue'), children }]
}

/** The guard goes with the routes: the host's router has guards of its own. */
const guarded = (page: RouteRecordRaw): RouteRecordRaw => (page.redirect ? page : { ...page, beforeEnter: guard })

const signInPage: RouteRecordRaw = {
  path: 'login',
  name: 'forge-pat-login',
  component: () => import('../pages/FlowFuseSignInPage.vue'),
  meta: { public: true },
}
