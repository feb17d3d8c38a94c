import { parseArgs } from 'node:util'

import { instructions } from './instructions.ts'
import { DemoFailure, play } from './play.ts'
import type { ServerProcess } from './process.ts'
import { startSample, type Sample } from './sample.ts'

const HELP = `npm run demo             starts a forge with a sample team, and a real Node-RED as its instance; Ctrl-C ends it
npm run demo -- --once   plays a minted token through the official MCP clients, says what happened, and ends
npm run demo -- --help   shows this

--once ends with 0 when everything was as it should be, else with 1 and the reason.`

const say = (text: string) => void process.stdout.write(`${text}\n`)

/** While things start or play there is nothing to end in order: servers and folder go with this process. */
const leave = () => process.exit(130)
let onSignal: () => void = leave
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => onSignal())

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.exitCode = 1
  // A failure of the play is a sentence; anything else is a fault whose place matters.
  const reason = error instanceof DemoFailure ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`demo: ${reason}\n`)
})

async function main(args: string[]): Promise<void> {
  const options = readOptions(args)
  if (options.help) return say(HELP)

  say('Starting the forge and Node-RED ...')
  const sample = await startSample()
  try {
    if (options.once) await playOnce(sample)
    else await stay(sample)
  } finally {
    await sample.stop()
  }
}

function readOptions(args: string[]) {
  try {
    const options = { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const
    return parseArgs({ args, options }).values
  } catch (error) {
    throw new DemoFailure(`${(error as Error).message}\n\n${HELP}`)
  }
}

async function playOnce(sample: Sample): Promise<void> {
  say(`The forge runs at ${sample.forge.url}, Node-RED at ${sample.instance.url}.\n`)
  await play(sample, (text) => say(`  ok  ${text}`))
  say('\nEverything was as it should be.')
}

/** Until Ctrl-C, which stops in order; a second one stops at once. */
async function stay(sample: Sample): Promise<void> {
  say(instructions(sample))
  const interrupted = new Promise<null>((resolve) => (onSignal = () => resolve(null)))
  const ended = await Promise.race([interrupted, whenEnded(sample.forge), whenEnded(sample.nodeRed)])
  onSignal = leave

  if (ended) throw new DemoFailure(`${ended.name} has stopped by itself. It wrote:\n${ended.output().slice(-2_000)}`)
  say('\nStopping.')
}

async function whenEnded(server: ServerProcess): Promise<ServerProcess> {
  await server.ended
  return server
}
