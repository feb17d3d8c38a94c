import { readFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'

import pg from 'pg'

import { isMet, type Findings, type Rate, type Target } from './bench-context.ts'
import type { BenchOptions } from './options.ts'
import type { PartName } from './parts.ts'

export interface Report {
  parts: Partial<Record<PartName, PartReport>>
}

/** When and where a part was measured stands with the part: parts may be measured again one by one. */
type PartReport = Findings & { measuredAt: string; machine: Record<string, string | number> }

export async function describeMachine({ rounds, seconds }: BenchOptions): Promise<PartReport['machine']> {
  const processors = cpus()
  return {
    processors: processors.length,
    model: processors[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: await postgresVersion(),
    rounds,
    secondsOfATurn: seconds,
  }
}

async function postgresVersion(): Promise<string> {
  const client = new pg.Client({ connectionString: process.env['FORGE_TEST_PG_URL'] })
  await client.connect()
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
  await client.end()
  return rows[0]?.server_version ?? 'unknown'
}

export async function readReport(file: string): Promise<Report> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Report
  } catch {
    return { parts: {} } // the first one
  }
}

export function mergeReport(
  before: Report,
  { machine, parts }: { machine: PartReport['machine']; parts: Partial<Record<string, Findings>> },
): Report {
  const measuredAt = new Date().toISOString().slice(0, 16) + 'Z'
  const measured = Object.entries(parts).map(([name, findings]) => [
    name,
    { measuredAt, machine, ...rounded(findings) },
  ])
  return { parts: { ...before.parts, ...Object.fromEntries(measured) } }
}

/** More digits than that are chance, and a change of them would only be noise in the history of the file. */
function rounded<Value>(value: Value): Value {
  const short = (_key: string, each: unknown) => (typeof each === 'number' ? Number(each.toPrecision(4)) : each)
  return JSON.parse(JSON.stringify(value, short)) as Value
}

type Say = (text: string) => void

export function printFindings({ rates = [], targets = [], facts = {} }: Findings, say: Say): void {
  if (rates.length > 0) printRates(rates, say)
  for (const [name, value] of Object.entries(facts)) say(`  ${name.padEnd(62)} ${show(value)}`)
  for (const target of targets) printTarget(target, say)
}

function printRates(rates: readonly Rate[], say: Say): void {
  const base = rates[0]?.rate ?? NaN
  say(`\n  ${'answers a second'.padEnd(44)}     rate    share   us each  p50 ms  p99 ms`)
  for (const { name, database, tokens, rate, cost, p50, p99 } of rates) {
    const where = [name, database, tokens === null ? null : tokens.toLocaleString('en')].filter((each) => each !== null)
    const columns = [rate.toFixed(0), (rate / base).toFixed(3), cost.toFixed(1), p50.toFixed(2), p99.toFixed(2)]
    say(
      `  ${where.join(', ').padEnd(44)}${columns.map((column, n) => column.padStart(n === 0 ? 9 : 9 - (n > 2 ? 1 : 0))).join('')}`,
    )
  }
  say('')
}

function printTarget(target: Target, say: Say): void {
  const { what, atLeast, atMost, measured, unit, note } = target
  const limit = atLeast === undefined ? `at most ${show(atMost ?? NaN)}` : `at least ${show(atLeast)}`
  const result = `${show(measured)} ${unit}`.padEnd(22)
  say(`  ${isMet(target) ? 'met    ' : 'NOT MET'} ${what.padEnd(66)} ${result} ${limit}${note ? `; ${note}` : ''}`)
}

const show = (value: number | string) =>
  typeof value === 'string' ? value : value.toLocaleString('en', { maximumSignificantDigits: 4 })
