import type { Config } from './config.ts'
import type { RunningServer } from './start.ts'

/** After the drain. Longer than any request takes, and short of the ten seconds after which supervisors kill. */
const STOP_WITHIN_MS = 5_000

/** Where lines for the operator go. */
interface Output {
  print(line: string): void
  complain(line: string): void
}

/** The first signal stops in order, the second at once. */
export function stopOnSignals(
  server: RunningServer,
  { drainSeconds }: Pick<Config, 'drainSeconds'>,
  { print, complain }: Output,
): void {
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
    server.close().catch((error: unknown) => {
      complain(`forge-pat could not stop in order: ${inspect(error)}`)
      process.exitCode = 1
    })
  }

  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

/** What an operator needs to see of a fault. */
export function inspect(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
