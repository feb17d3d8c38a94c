/** Takes the pictures of the documentation anew (screenshots/main.ts). Arguments are names of pictures. */
import { spawnSync } from 'node:child_process'

import { ensureChromium } from './chromium.mjs'

const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'scripts/screenshots/main.ts', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, CHROMIUM_PATH: ensureChromium() } },
)
process.exitCode = status ?? 1
