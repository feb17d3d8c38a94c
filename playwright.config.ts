import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { defineConfig } from '@playwright/test'

import { ADMIN } from './test/e2e/support/admin.ts'
import { freePort } from './test/e2e/support/forge-process.ts'

// The workers read this file again; the port and the folder must stay those of the forge that was started.
const port = (process.env['E2E_PORT'] ??= String(await freePort()))
const folder = (process.env['E2E_FOLDER'] ??= temporaryFolder())
// scripts/e2e.mjs finds it; without it Playwright takes its own.
const executablePath = process.env['CHROMIUM_PATH']
const baseURL = `http://127.0.0.1:${port}/`

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results/e2e',
  workers: 1,
  forbidOnly: process.env['CI'] !== undefined,
  retries: 0,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: process.env['CI'] === undefined ? 'list' : [['list'], ['json']],
  use: {
    baseURL,
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
  webServer: {
    command: 'node dist/forge/host/main.js',
    url: `${baseURL}health/ready`,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    env: {
      PORT: port,
      DATABASE_URL: `sqlite:${join(folder, 'forge.db')}`,
      LOG_LEVEL: 'warn',
      // Each person of a journey signs in from an address of their own (support/world.ts).
      TRUST_PROXY: 'loopback',
      FORGE_ADMIN_USERNAME: ADMIN.username,
      FORGE_ADMIN_PASSWORD: ADMIN.password,
      FORGE_ADMIN_EMAIL: ADMIN.email,
    },
  },
})

/** Goes when the process that started the forge does. */
function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'forge-e2e-'))
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  return path
}
