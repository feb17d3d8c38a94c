import { createMemoryHistory, createRouter, type Router } from 'vue-router'

const EMPTY = { template: '<p></p>' }

/** Knows the names that pages link to; where they lead is an empty page. */
export const createTestRouter = (): Router =>
  createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: EMPTY },
      { path: '/tokens', name: 'forge-pat-tokens', component: EMPTY },
      { path: '/new', name: 'forge-pat-mint', component: EMPTY },
      { path: '/teams', name: 'forge-pat-teams', component: EMPTY },
      { path: '/teams/:id/tokens', name: 'forge-pat-team-tokens', component: EMPTY },
      { path: '/device', name: 'forge-pat-device', component: EMPTY },
      { path: '/teams/:id/instances/:instanceId/tools', name: 'forge-pat-instance-tools', component: EMPTY },
      ...['replace', 'edit', 'explain'].map((name) => ({
        path: `/:id/${name}`,
        name: `forge-pat-${name}`,
        component: EMPTY,
      })),
    ],
  })
