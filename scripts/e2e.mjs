/** Runs Playwright in a Chromium that is there. Arguments are Playwright's. */
import { spawnSync } from 'node:child_process'

import { ensureChromium } from './chromium.mjs'

try {
  const { status } = spawnSync('npx', ['--no-install', 'playwright', 'test', ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, CHROMIUM_PATH: ensureChromium() },
  })
  process.exitCode = status ?? 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
