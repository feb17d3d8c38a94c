/** The journeys in a real FlowFuse (`npm run test:flowfuse`); see HELP. */
import { spawnSync } from 'node:child_process'

import { ensureChromium } from '../chromium.mjs'
import { ensureNginx } from '../nginx.mjs'
import { readCheckout } from './checkout.mjs'
import { installFlowFuse, installStacks } from './install.mjs'

const HELP = `Runs the journeys in a real FlowFuse, with an instance that it starts: people, tokens, calls, and what changes in FlowFuse.

  npm run test:flowfuse -- [options] [files] [options of Playwright]

Without --dir, in the published FlowFuse 2.4.0, which is installed into the user's cache folder: with forge-pat beside it,
and inside it.

Options:
  --dir <checkout>  in this FlowFuse instead, which is installed and built there. One of Fastify 5 has forge-pat inside it,
                    by the preload file; an older one has it beside. Its folder is not written to: it keeps everything in a
                    temporary one. --project=beside or --project=inside chooses otherwise.
  -h, --help        print this

The folder FLOWFUSE_TEST_FOLDER is used instead of the one in the cache, where it is set.`

try {
  process.exitCode = main(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 2
}

function main(args) {
  const { dir, help, others } = readArguments(args)
  if (help) {
    console.log(HELP)
    return 0
  }
  const { flowfuse, stacks, projects, env } = dir === undefined ? usePublished() : useCheckout(dir, others)
  console.log(ensureNginx())
  const playwright = ['--no-install', 'playwright', 'test', '--config', 'test/flowfuse/playwright.config.ts']
  const { status } = spawnSync('npx', [...playwright, ...projects, ...others], {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...env,
      FLOWFUSE_FOLDER: flowfuse,
      FLOWFUSE_STACKS: stacks,
      CHROMIUM_PATH: ensureChromium(),
    },
  })
  return status ?? 1
}

/** What is not ours is Playwright's. @throws {Error} */
function readArguments(args) {
  const at = args.findIndex((each) => each === '--dir' || each.startsWith('--dir='))
  const help = args.some((each) => each === '--help' || each === '-h')
  if (at === -1) return { help, others: args }

  const joined = args[at].includes('=')
  const dir = joined ? args[at].slice('--dir='.length) : args[at + 1]
  if (!dir || dir.startsWith('-')) throw new Error('--dir needs the folder of a FlowFuse. See --help.')
  return { dir, help, others: args.toSpliced(at, joined ? 1 : 2) }
}

function usePublished() {
  return { ...installFlowFuse(process.env.FLOWFUSE_TEST_FOLDER), projects: [] }
}

function useCheckout(dir, others) {
  const { flowfuse, version, fastify } = readCheckout(dir)
  const project = fastify >= 5 ? 'inside' : 'beside'
  const isChosen = others.some((each) => each.startsWith('--project'))
  console.log(
    `FlowFuse ${version} at ${flowfuse}, on Fastify ${fastify}${isChosen ? '' : `: forge-pat ${project} it`}.`,
  )
  const projects = isChosen ? [] : [`--project=${project}`]
  return { flowfuse, stacks: installStacks(), projects, env: { FLOWFUSE_CHECKOUT: 'true' } }
}
