import { test as base } from '@playwright/test'

import { httpEndpoint, mcpServer, tab, type Flow } from '../../../scripts/demo/flows.ts'
import {
  createApplication,
  createInstance,
  setUp,
  type FlowFuseApplication,
  type FlowFuseInstance,
} from './instances.ts'
import { createTeam, forgetAllBut, type Team } from './people.ts'
import { startSite, type Site, type Stance } from './site.ts'

// The one stack of all tests in this folder, which takes about twenty seconds to start and is started once:
//
//   import { expect, test } from './support/lane.ts'
//   test('somebody calls a tool', async ({ site, team, line }) => {
//     const person = await createMember(site, team, ROLE.member)   // new for each test: nobody minds what becomes of them
//     const { token } = await mint(person, line.id)
//
// `site` is a FlowFuse with forge-pat beside it behind nginx, or inside it (the projects of the same names), `line` one of its instances, a real Node-RED with FlowFuse's
// authentication of HTTP endpoints on. What a test changes of them it puts back; people and teams that it made go by themselves. A test that fails ends the worker, and
// the next one starts a new stack. `npm run test:flowfuse -- <file>` runs one file.

/** An MCP server at `/mcp`, and an endpoint at `/who`; both say who is calling. */
const FLOWS: Flow = [
  ...tab('Line 4'),
  ...mcpServer('line', { name: 'Line 4', path: '/mcp' }, [
    {
      name: 'whoami',
      title: 'Who am I',
      description: 'Says who calls.',
      effect: 'read',
      code: 'msg.payload = msg._client.user; return msg',
    },
    {
      name: 'add_parcels',
      title: 'Add parcels',
      description: 'Writes.',
      effect: 'write',
      code: 'msg.payload = "written"; return msg',
    },
  ]),
  ...httpEndpoint(
    'who',
    { method: 'get', url: '/who' },
    `msg.payload = { user: msg.req.session?.user ?? null, authorization: msg.req.headers.authorization ?? null }
     return msg`,
  ),
]

interface Fixtures {
  /** Leaves only the stack to the next test: a FlowFuse without a licence has room for five people and five teams. */
  tidy: void
}

export interface WorkerFixtures {
  /** Which of the projects of playwright.config.ts this is. */
  stance: Stance
  site: Site
  /** A team with `application` in it; FlowFuse's administrator owns it. */
  team: Team
  application: FlowFuseApplication
  line: FlowFuseInstance
}

const START_WITHIN_MS = 240_000

export const test = base.extend<Fixtures, WorkerFixtures>({
  tidy: [
    async ({ site, team }, use) => {
      await use()
      await forgetAllBut(site, team)
    },
    { auto: true },
  ],
  stance: ['beside', { scope: 'worker', option: true }],
  site: [
    async ({ stance }, use) => {
      const site = await startSite(stance)
      await use(site)
      await site.close()
    },
    { scope: 'worker', timeout: START_WITHIN_MS },
  ],
  team: [async ({ site }, use) => use(await createTeam(site)), { scope: 'worker' }],
  application: [async ({ site, team }, use) => use(await createApplication(site, team)), { scope: 'worker' }],
  line: [
    async ({ site, application }, use) => {
      const line = await createInstance(site, application, 'line-4')
      await setUp(site, line, { flows: FLOWS, settings: { httpNodeAuth: { type: 'flowforge-user' } } })
      await use(line)
    },
    { scope: 'worker', timeout: START_WITHIN_MS },
  ],
})

export { expect } from '@playwright/test'
