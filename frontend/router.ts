import { nextTick } from 'vue'
import { createRouter, createWebHistory, START_LOCATION, type RouteRecordRaw } from 'vue-router'

import { mountPath } from './base.ts'
import { guard } from './guard.ts'
import { isBesideFlowFuse } from './host.ts'
import { pages } from './pages.ts'

/** What only stands alone: people sign in here, and are looked after here. */
const ownPages: RouteRecordRaw[] = [
  {
    path: 'setup',
    name: 'forge-pat-setup',
    component: () => import('./pages/SetupPage.vue'),
    meta: { public: true, ownHost: true },
  },
  {
    path: 'login',
    name: 'forge-pat-login',
    component: () => (isBesideFlowFuse() ? import('./pages/FlowFuseSignInPage.vue') : import('./pages/LoginPage.vue')),
    meta: { public: true },
  },
  {
    path: 'login/:id',
    name: 'forge-pat-directory-login',
    component: () => import('./pages/DirectoryLoginPage.vue'),
    props: true,
    meta: { public: true, ownHost: true },
  },
  {
    path: 'settings/account',
    name: 'forge-pat-account',
    component: () => import('./pages/AccountPage.vue'),
    meta: { ownHost: true },
  },
  {
    path: 'users',
    name: 'forge-pat-users',
    component: () => import('./pages/UsersPage.vue'),
    meta: { admin: true, ownHost: true },
  },
  {
    path: 'single-sign-on',
    name: 'forge-pat-providers',
    component: () => import('./pages/ProvidersPage.vue'),
    meta: { admin: true, ownHost: true },
  },
  {
    path: 'single-sign-on/:id',
    name: 'forge-pat-provider',
    component: () => import('./pages/ProviderPage.vue'),
    props: true,
    meta: { admin: true, ownHost: true },
  },
]

export const router = createRouter({
  history: createWebHistory(mountPath()),
  routes: [{ path: '/', children: [...ownPages, ...pages()] }],
  // A filter in the address is no other page.
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach(guard)

router.afterEach(async (to, from, failure) => {
  // On the first page the browser itself starts at the top, skip link included.
  if (failure || from === START_LOCATION || to.path === from.path) return
  await nextTick()
  document.querySelector('h1')?.focus()
})
