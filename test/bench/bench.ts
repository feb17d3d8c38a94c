/**
 * How the forge does beside its peers, and against what it promises (`npm run bench`, `-- --help`). All contenders run
 * by turns in one run on one machine; what counts are the ratios. docs/contribute/benchmark.md says how to read it.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { setup as startPostgres } from '../support/postgres-server.mjs'
import type { Context, Findings } from './bench-context.ts'
import { drawChart } from './chart.ts'
import { startLoad } from './load.ts'
import { readOptions } from './options.ts'
import { PARTS } from './parts.ts'
import { createEnding } from './processes.ts'
import { describeMachine, mergeReport, printFindings, readReport } from './report.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)
const options = readOptions(process.argv.slice(2), say)
const ending = createEnding()
const stopPostgres = await startPostgres()

const stopping = new AbortController()
const isStopping = () => stopping.signal.aborted
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)

function stop(): void {
  if (isStopping()) process.exit(130)
  stopping.abort()
  say('\nStopping.')
  void ending
    .run()
    .then(() => stopPostgres?.())
    .finally(() => process.exit(130))
}

/** Each part leaves nothing behind for the next one. */
async function runPart(name: keyof typeof PARTS): Promise<Findings> {
  const startedAt = performance.now()
  say(`\n── ${name}: ${PARTS[name].about}`)
  const load = startLoad()
  ending.defer(async () => load.stop())
  const context: Context = { ...options, load, ending, say }
  try {
    return await PARTS[name].measure(context)
  } finally {
    await ending.run()
    say(`  took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  }
}

const machine = await describeMachine(options)
const found: Record<string, Findings> = {}
let failed = false
try {
  for (const name of options.parts) {
    try {
      found[name] = await runPart(name)
      printFindings(found[name], say)
    } catch (error) {
      if (isStopping()) break
      failed = true
      say(`  FAILED: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }
} finally {
  await ending.run()
  await stopPostgres?.()
}
if (isStopping()) process.exit(130)

const report = mergeReport(await readReport(options.json), { machine, parts: found })
await mkdir(dirname(options.json), { recursive: true })
await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
await writeFile(options.svg, drawChart(report))
say(`\nWritten: ${options.json}, ${options.svg}`)
process.exit(failed ? 1 : 0)
