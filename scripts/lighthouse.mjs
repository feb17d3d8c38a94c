/** Measures how fast and how accessible the pages are (lighthouse/main.ts). */
import { spawnSync } from 'node:child_process'

import { ensureChromium } from './chromium.mjs'

const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/lighthouse/main.ts'], {
  stdio: 'inherit',
  env: { ...process.env, CHROMIUM_PATH: ensureChromium() },
})
process.exitCode = status ?? 1
