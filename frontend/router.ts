import { nextTick } from 'vue'
import { createRouter, createWebHistory, START_LOCATION, type RouteRecordRaw } from 'vue-router'

import { mountPath } from './base.ts'
import { useSession } from './composables/useSession.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** Open to everybody; every other page needs someone signed in. */
    public?: boolean
    /** For those who run the platform; to everybody else the page does not exist. */
    admin?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', redirect: { name: 'tokens' } },
  { path: '/setup', name: 'setup', component: () => import('./pages/SetupPage.vue'), meta: { public: true } },
  { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue'), meta: { public: true } },
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
    path: '/settings/tokens/:id/replace',
    name: 'replace',
    component: () => import('./pages/ReplacePage.vue'),
    props: true,
  },
  { path: '/settings/account', name: 'account', component: () => import('./pages/AccountPage.vue') },
  { path: '/teams', name: 'teams', component: () => import('./pages/TeamsPage.vue') },
  { path: '/teams/:id', name: 'team', component: () => import('./pages/TeamPage.vue'), props: true },
  { path: '/users', name: 'users', component: () => import('./pages/UsersPage.vue'), meta: { admin: true } },
  { path: '/:path(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
]

export const router = createRouter({
  history: createWebHistory(mountPath),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (to.meta.public) return true

  const user = session.user.value ?? (await session.load())
  if (user === null) return { name: 'login', query: { return: to.fullPath } }
  if (to.meta.admin && !user.admin) return { name: 'not-found', params: { path: to.path.slice(1).split('/') } }
  return true
})

router.afterEach(async (to, from, failure) => {
  // On the first page the browser itself starts at the top, skip link included.
  if (failure || from === START_LOCATION || to.path === from.path) return
  await nextTick()
  document.querySelector('h1')?.focus()
})
