import { readSidecarConfig } from '../flowfuse/config.ts'
import { startSidecar } from '../flowfuse/start.ts'
import { ConfigError } from '../host/config-error.ts'
import { stopOnSignals } from '../host/stop-on-signals.ts'
import { EXIT, type Command } from './command.ts'
import { environmentOf, FLOWFUSE_OPTIONS, FLOWFUSE_OPTIONS_HELP } from './flowfuse-options.ts'

export const serve: Command = {
  name: 'serve',
  help: `Runs forge-pat beside a FlowFuse, as a process with a database of its own, at one path of FlowFuse's address. People,
teams, roles and instances are FlowFuse's: they are read from its database, in which nothing is written, and FlowFuse is
asked who is signed in. All other settings are variables (docs/admin/settings.md). How to put it behind FlowFuse's
address: docs/admin/flowfuse.md.

Options:
${FLOWFUSE_OPTIONS_HELP}
  -h, --help                   print this

Runs until it is stopped. Exit codes: 0 it was stopped, 2 it could not start.`,
  options: FLOWFUSE_OPTIONS,

  async run(values, { env, print, complain }) {
    const config = readSidecarConfig(environmentOf(values, env))
    const running = await startSidecar(config).catch((error: unknown) => {
      if (error instanceof ConfigError) throw error
      throw new Error(`it could not start: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    })
    print(`forge-pat is ready at ${config.baseUrl}, beside the FlowFuse at ${config.flowfuseUrl}.`)
    stopOnSignals(running, config, { print, complain })
    return EXIT.ok
  },
}
