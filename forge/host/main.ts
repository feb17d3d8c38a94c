import { ConfigError, readConfig, type Config } from './config.ts'
import { startForge, type RunningForge } from './start.ts'

/** After the drain. Longer than any request takes, and short of the ten seconds after which supervisors kill. */
const STOP_WITHIN_MS = 5_000

const print = (text: string) => void process.stdout.write(`${text}\n`)
const complain = (text: string) => void process.stderr.write(`${text}\n`)

try {
  const config = readConfig(process.env)
  const forge = await startForge(config)
  greet(config, forge)
  stopOnSignals(forge, config)
} catch (error) {
  // A setting that does not fit is the reader's to mend, and one sentence says how. Anything else is a fault of ours.
  complain(
    error instanceof ConfigError ? `forge-pat: ${error.message}` : `forge-pat could not start: ${inspect(error)}`,
  )
  process.exitCode = 1
}

function greet({ baseUrl, databaseUrl }: Config, { setupLink }: RunningForge): void {
  const database = databaseUrl.startsWith('sqlite:') ? `SQLite, ${databaseUrl.slice('sqlite:'.length)}` : 'PostgreSQL'

  print('')
  print(`  forge-pat is ready at  ${baseUrl}`)
  print(`  API documentation      ${baseUrl}/api/documentation`)
  print(`  Database               ${database}`)
  if (setupLink) {
    print('')
    print('  Nobody can sign in yet. Set up the first administrator here; the link works once:')
    print(`  ${setupLink}`)
  }
  print('')
  print('  Press Ctrl+C to stop.')
  print('')
}

/** The first signal stops in order, the second at once. */
function stopOnSignals(forge: RunningForge, { drainSeconds }: Config): void {
  let stopping = false

  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1)
    stopping = true
    print(`  ${signal}: stopping${drainSeconds > 0 ? ` in ${drainSeconds} seconds` : ''}.`)

    setTimeout(
      () => {
        complain('forge-pat: something did not end in time; stopped all the same.')
        process.exit(1)
      },
      drainSeconds * 1_000 + STOP_WITHIN_MS,
    ).unref()
    forge.close().catch((error: unknown) => {
      complain(`forge-pat could not stop in order: ${inspect(error)}`)
      process.exitCode = 1
    })
  }

  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function inspect(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
