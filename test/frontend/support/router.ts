import { createMemoryHistory, createRouter, type Router } from 'vue-router'

const EMPTY = { template: '<p></p>' }

/** Knows the names that pages link to; where they lead is an empty page. */
export const createTestRouter = (): Router =>
  createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: EMPTY },
      { path: '/tokens', name: 'tokens', component: EMPTY },
      { path: '/new', name: 'mint', component: EMPTY },
      { path: '/teams', name: 'teams', component: EMPTY },
      { path: '/teams/:id/tokens', name: 'team-tokens', component: EMPTY },
      { path: '/device', name: 'device', component: EMPTY },
      ...['replace', 'edit', 'explain'].map((name) => ({ path: `/:id/${name}`, name, component: EMPTY })),
    ],
  })
