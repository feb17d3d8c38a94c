import type { RouteRecordRaw } from 'vue-router'

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

/** The pages that every host has, below wherever they are mounted. Their names are like no others of a host's router. */
export const pages = (): RouteRecordRaw[] => [
  { path: '', name: 'forge-pat-home', redirect: { name: 'forge-pat-tokens' } },
  { path: 'settings', redirect: { name: 'forge-pat-tokens' } },
  { path: 'settings/tokens', name: 'forge-pat-tokens', component: () => import('./pages/TokensPage.vue') },
  { path: 'settings/tokens/new', name: 'forge-pat-mint', component: () => import('./pages/MintPage.vue') },
  {
    path: 'settings/tokens/:id/edit',
    name: 'forge-pat-edit',
    component: () => import('./pages/EditPage.vue'),
    props: true,
  },
  {
    path: 'settings/tokens/:id/explain',
    redirect: ({ params }) => ({ name: 'forge-pat-tokens', query: { token: String(params['id']) } }),
  },
  {
    path: 'settings/tokens/:id/replace',
    name: 'forge-pat-replace',
    component: () => import('./pages/ReplacePage.vue'),
    props: true,
  },
  { path: 'device', name: 'forge-pat-device', component: () => import('./pages/DevicePage.vue') },
  { path: 'notices', name: 'forge-pat-notices', component: () => import('./pages/NoticesPage.vue') },
  { path: 'teams', name: 'forge-pat-teams', component: () => import('./pages/TeamsPage.vue') },
  { path: 'teams/:id', component: () => import('./pages/TeamPage.vue'), props: true, children: teamPages() },
  { path: ':path(.*)*', name: 'forge-pat-not-found', component: () => import('./pages/NotFoundPage.vue') },
]

const teamPages = (): RouteRecordRaw[] => [
  { path: '', name: 'forge-pat-team', component: () => import('./pages/TeamOverviewPage.vue') },
  {
    path: 'tokens',
    name: 'forge-pat-team-tokens',
    component: () => import('./pages/TeamTokensPage.vue'),
    meta: { title: t.teamTabs.tokens, teamOwner: true },
  },
  {
    path: 'policy',
    name: 'forge-pat-team-policy',
    component: () => import('./pages/TeamPolicyPage.vue'),
    meta: { title: t.teamTabs.policy, teamOwner: true },
  },
  {
    path: 'approvals',
    name: 'forge-pat-team-approvals',
    component: () => import('./pages/TeamApprovalsPage.vue'),
    meta: { title: t.teamTabs.approvals, teamOwner: true },
  },
  {
    path: 'audit',
    name: 'forge-pat-team-audit',
    component: () => import('./pages/TeamAuditPage.vue'),
    meta: { title: t.teamTabs.audit, teamOwner: true },
  },
  {
    path: 'calls',
    name: 'forge-pat-team-calls',
    component: () => import('./pages/TeamCallsPage.vue'),
    meta: { title: t.teamTabs.toolCalls, teamOwner: true },
  },
  {
    path: 'instances/:instanceId/tools',
    name: 'forge-pat-instance-tools',
    component: () => import('./pages/InstanceToolsPage.vue'),
    props: ({ params }) => ({ instanceId: String(params['instanceId']) }),
    meta: { title: t.teamInstances.tools },
  },
]
