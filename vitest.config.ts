import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { configDefaults, defineConfig } from 'vitest/config'

/** The same once more on PostgreSQL, and what is PostgreSQL's alone. */
const POSTGRES = 'test/**/*.postgres.test.ts'
/** Real Node-RED, servers that are stopped, whole processes: everything that takes seconds rather than milliseconds. */
const SLOW = ['test/**/*.slow.test.ts', 'test/conformance/**/*.test.ts']
const PAGES = 'test/frontend/**/*.test.ts'

const node = {
  environment: 'node',
  pool: 'forks',
  // A process for many files: reading all modules anew for each takes as long as the tests. So a file leaves nothing
  // behind that others would see: module state, clocks, settings of the environment.
  isolate: false,
  restoreMocks: true,
  unstubEnvs: true,
  // What is waited for comes at once, except on a busy machine.
  expect: { poll: { timeout: 20_000 } },
} as const

export default defineConfig({
  test: {
    maxWorkers: 2,
    // The provider of the sign-on tests is not meant for production, and says so many times.
    onConsoleLog: (log) => !log.startsWith('oidc-provider '),
    projects: [
      {
        test: {
          ...node,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SLOW, POSTGRES, PAGES],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [vue()],
        resolve: { alias: { '@contract': fileURLToPath(new URL('forge/contract', import.meta.url)) } },
        test: {
          name: 'pages',
          include: [PAGES],
          setupFiles: ['test/frontend/support/no-warnings.ts'],
          environment: 'happy-dom',
          pool: 'forks',
          restoreMocks: true,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...node,
          name: 'postgres',
          include: [POSTGRES],
          globalSetup: ['test/support/postgres-server.mjs'],
          env: { FORGE_TEST_DIALECT: 'postgres' },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...node,
          name: 'integration',
          include: SLOW,
          globalSetup: ['test/support/postgres-server.mjs'],
          // One file at a time: each starts servers and processes of its own, on two cores.
          fileParallelism: false,
          sequence: { groupOrder: 1 }, // after the others
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
