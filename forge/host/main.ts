import { ConfigError, readConfig, type Config } from './config.ts'
import { startForge, type RunningForge } from './start.ts'
import { inspect, stopOnSignals } from './stop-on-signals.ts'

const print = (text: string) => void process.stdout.write(`${text}\n`)
const complain = (text: string) => void process.stderr.write(`${text}\n`)

try {
  const config = readConfig(process.env)
  const forge = await startForge(config)
  greet(config, forge)
  stopOnSignals(forge, config, { print, complain })
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
