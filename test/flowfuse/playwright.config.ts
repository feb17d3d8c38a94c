import { defineConfig } from '@playwright/test'

import type { WorkerFixtures } from './support/lane.ts'

// scripts/flowfuse/test.mjs finds it; without it Playwright takes its own.
const executablePath = process.env['CHROMIUM_PATH']

/** What is about the proxy, the launcher, and an outage of one of two. */
const BESIDE_ALONE = ['doctor.spec.ts', 'orders.spec.ts', 'trouble.spec.ts']
/** Left out inside the published FlowFuse, which has been through it beside: it is the same directory. */
const LEFT_OUT = process.env['FLOWFUSE_CHECKOUT'] === undefined ? ['changes.spec.ts'] : []

/** The journeys in a real FlowFuse: `npm run test:flowfuse`. One worker, so that all files share one FlowFuse. */
export default defineConfig<object, Pick<WorkerFixtures, 'stance'>>({
  testDir: '.',
  outputDir: '../../test-results/flowfuse',
  workers: 1,
  forbidOnly: process.env['CI'] !== undefined,
  retries: 0,
  projects: [
    { name: 'beside', use: { stance: 'beside' }, testIgnore: 'inside.spec.ts' },
    { name: 'inside', use: { stance: 'inside' }, testIgnore: [...BESIDE_ALONE, ...LEFT_OUT] },
  ],
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      // Runs as root in containers, where neither the sandbox nor a large /dev/shm is to be had.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    },
  },
})
