import { nextTick } from 'vue'
import {
  createRouter,
  createWebHistory,
  START_LOCATION,
  type RouteLocationNormalized,
  type RouteRecordRaw,
} from 'vue-router'

import { mountPath } from './base.ts'
import { useSession } from './composables/useSession.ts'
import { isBesideFlowFuse } from './host.ts'
import { t } from './messages/messages.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** Open to everybody; every other page needs someone signed in. */
    public?: boolean
    /** Of what our own host does by itself: beside a FlowFuse there is no such page. */
    ownHost?: boolean
    /** For those who run the platform; to everybody else the page does not exist. */
    admin?: boolean
    /** For the owners of the team that it is about. */
    teamOwner?: boolean
    /** Of a page within another one: what it adds to that one's title. */
    title?: string
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', redirect: { name: 'tokens' } },
  {
    path: '/setup',
    name: 'setup',
    component: () => import('./pages/SetupPage.vue'),
    meta: { public: true, ownHost: true },
  },
  {
    path: '/login',
    name: 'login',
    component: () => (isBesideFlowFuse() ? import('./pages/FlowFuseSignInPage.vue') : import('./pages/LoginPage.vue')),
    meta: { public: true },
  },
  {
    path: '/login/:id',
    name: 'directory-login',
    component: () => import('./pages/DirectoryLoginPage.vue'),
    props: true,
    meta: { public: true, ownHost: true },
  },
  { path: '/settings', redirect: { name: 'tokens' } },
  { path: '/settings/tokens', name: 'tokens', component: () => import('./pages/TokensPage.vue') },
  { path: '/settings/tokens/new', name: 'mint', component: () => import('./pages/MintPage.vue') },
  {
    path: '/settings/tokens/:id/edit',
    name: 'edit',
    component: () => import('./pages/EditPage.vue'),
    props: true,
  },
  {
    path: '/settings/tokens/:id/explain',
    redirect: ({ params }) => ({ name: 'tokens', query: { token: String(params['id']) } }),
  },
  {
    path: '/settings/tokens/:id/replace',
    name: 'replace',
    component: () => import('./pages/ReplacePage.vue'),
    props: true,
  },
  {
    path: '/settings/account',
    name: 'account',
    component: () => import('./pages/AccountPage.vue'),
    meta: { ownHost: true },
  },
  { path: '/device', name: 'device', component: () => import('./pages/DevicePage.vue') },
  { path: '/notices', name: 'notices', component: () => import('./pages/NoticesPage.vue') },
  { path: '/teams', name: 'teams', component: () => import('./pages/TeamsPage.vue') },
  {
    path: '/teams/:id',
    component: () => import('./pages/TeamPage.vue'),
    props: true,
    children: [
      { path: '', name: 'team', component: () => import('./pages/TeamOverviewPage.vue') },
      {
        path: 'tokens',
        name: 'team-tokens',
        component: () => import('./pages/TeamTokensPage.vue'),
        meta: { title: t.teamTabs.tokens, teamOwner: true },
      },
      {
        path: 'policy',
        name: 'team-policy',
        component: () => import('./pages/TeamPolicyPage.vue'),
        meta: { title: t.teamTabs.policy, teamOwner: true },
      },
      {
        path: 'approvals',
        name: 'team-approvals',
        component: () => import('./pages/TeamApprovalsPage.vue'),
        meta: { title: t.teamTabs.approvals, teamOwner: true },
      },
      {
        path: 'audit',
        name: 'team-audit',
        component: () => import('./pages/TeamAuditPage.vue'),
        meta: { title: t.teamTabs.audit, teamOwner: true },
      },
      {
        path: 'calls',
        name: 'team-calls',
        component: () => import('./pages/TeamCallsPage.vue'),
        meta: { title: t.teamTabs.toolCalls, teamOwner: true },
      },
      {
        path: 'instances/:instanceId/tools',
        name: 'instance-tools',
        component: () => import('./pages/InstanceToolsPage.vue'),
        props: ({ params }) => ({ instanceId: String(params['instanceId']) }),
        meta: { title: t.teamInstances.tools },
      },
    ],
  },
  {
    path: '/users',
    name: 'users',
    component: () => import('./pages/UsersPage.vue'),
    meta: { admin: true, ownHost: true },
  },
  {
    path: '/single-sign-on',
    name: 'providers',
    component: () => import('./pages/ProvidersPage.vue'),
    meta: { admin: true, ownHost: true },
  },
  {
    path: '/single-sign-on/:id',
    name: 'provider',
    component: () => import('./pages/ProviderPage.vue'),
    props: true,
    meta: { admin: true, ownHost: true },
  },
  { path: '/:path(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
]

export const router = createRouter({
  history: createWebHistory(mountPath),
  routes,
  // A filter in the address is no other page.
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (to.meta.ownHost && isBesideFlowFuse()) return nowhere(to)
  if (to.meta.public) return true

  fetchPage(to)
  const user = session.user.value ?? (await session.load())
  if (user === null) return { name: 'login', query: { return: to.fullPath } }
  if (to.meta.admin && !user.admin) return nowhere(to)
  return true
})

const nowhere = ({ path }: RouteLocationNormalized) => ({
  name: 'not-found',
  params: { path: path.slice(1).split('/') },
})

/** Its script comes while the forge is asked who is there, and not after. A failure shows when the page is opened. */
function fetchPage({ matched }: RouteLocationNormalized): void {
  for (const { components } of matched) {
    const page: unknown = components?.['default']
    if (typeof page === 'function') void (page as () => Promise<unknown>)().catch(() => undefined)
  }
}

router.afterEach(async (to, from, failure) => {
  // On the first page the browser itself starts at the top, skip link included.
  if (failure || from === START_LOCATION || to.path === from.path) return
  await nextTick()
  document.querySelector('h1')?.focus()
})
