/** The journeys in a real FlowFuse (`npm run test:flowfuse`); see HELP. */
import { spawnSync } from 'node:child_process'

import { ensureChromium } from '../chromium.mjs'
import { ensureNginx } from '../nginx.mjs'
import { installFlowFuse } from './install.mjs'

try {
  console.log(ensureNginx())
  const { flowfuse, stacks } = installFlowFuse(process.env.FLOWFUSE_TEST_FOLDER)
  const args = ['--no-install', 'playwright', 'test', '--config', 'test/flowfuse/playwright.config.ts']
  const { status } = spawnSync('npx', [...args, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, FLOWFUSE_FOLDER: flowfuse, FLOWFUSE_STACKS: stacks, CHROMIUM_PATH: ensureChromium() },
  })
  process.exitCode = status ?? 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
