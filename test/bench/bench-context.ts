import type { Sequelize } from 'sequelize'

import { freePort } from '../../scripts/demo/process.ts'
import { createTestDatabase, type Dialect } from '../support/database.ts'
import type { Load } from './load.ts'
import { startServer, type Ending, type Server } from './processes.ts'
import { SECRET_KEY, seed, type SeedOptions } from './seed.ts'

/** What every part of the benchmark is given. */
export interface Context {
  load: Load
  ending: Ending
  rounds: number
  /** Of one measurement. */
  seconds: number
  /** In the large database; the small one has a thousand. */
  tokens: number
  /** For how long the memory of a forge under mixed load is watched. */
  minutes: number
  /** Requests a second of that load at most. */
  rate: number
  say(text: string): void
}

/** How one kind of request fared: medians of the rounds. */
export interface Rate {
  name: string
  database: string | null
  tokens: number | null
  /** Answers in a second. */
  rate: number
  /** Processor time of the server for one answer, in microseconds. */
  cost: number
  p50: number
  p99: number
}

/** A line of the table of what is to be reached. */
export interface Target {
  what: string
  atLeast?: number
  atMost?: number
  measured: number
  /** What the numbers are: a share of a rate, milliseconds, megabytes. */
  unit: string
  note?: string
}

export interface Findings {
  rates?: Rate[]
  targets?: Target[]
  /** Anything else that was measured, by name. */
  facts?: Record<string, number | string>
}

export const isMet = ({ atLeast, atMost, measured }: Target) =>
  (atLeast === undefined || measured >= atLeast) && (atMost === undefined || measured <= atMost)

export const median = (numbers: readonly number[]) => quantile(numbers, 0.5)

/** The smallest number that so large a share of them does not exceed. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}

/** A database that was filled, and goes when the benchmark ends. */
export interface SeededDatabase {
  db: Sequelize
  url: string
  tokens: number
  dialect: Dialect
}

export async function seedDatabase(
  { ending, say }: Pick<Context, 'ending' | 'say'>,
  dialect: Dialect,
  options: SeedOptions,
): Promise<SeededDatabase> {
  const { db, url, cleanup } = await createTestDatabase(dialect)
  ending.defer(cleanup)
  const seconds = await seed(db, options)
  say(`  ${dialect}: ${options.tokens.toLocaleString('en')} tokens in ${seconds.toFixed(1)} s`)
  return { db, url, tokens: options.tokens, dialect }
}

/** A forge as it is published, in a process of its own. */
export async function startForge(
  { ending }: Pick<Context, 'ending'>,
  databaseUrl: string,
  { limited = false, port, execArgv = [] }: { limited?: boolean; port?: number; execArgv?: string[] } = {},
): Promise<Server> {
  const args = [databaseUrl, SECRET_KEY, String(port ?? (await freePort())), ...(limited ? ['limits'] : [])]
  const server = await startServer('forge-server.mjs', args, execArgv)
  ending.defer(() => server.stop())
  return server
}
