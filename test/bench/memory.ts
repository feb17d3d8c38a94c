/** What a forge needs to hold a hundred thousand tokens, and whether it needs ever more under a load of everything. */
import { formatToken } from '../../forge/contract/token-format.ts'
import { seedDatabase, startForge, type Context, type Findings } from './bench-context.ts'
import { wrongSecret } from './introspections.ts'
import { introspection, type Load, type LoadGroup } from './load.ts'
import type { Server } from './processes.ts'
import { seeded } from './seed.ts'

const HELD = 100_000
/** More than can be held, so that some always have to go. */
const TOKENS = 200_000
/**
 * Turns of 10,000 requests that come before growth is looked at, as fast as they can: they fill what has a bound, however
 * gently the load goes afterwards. The largest are 5,000 answers that were written, and 10,000 keys of each limit.
 */
const TURNS_BEFORE = 4
const SECONDS_BETWEEN_LOOKS = 5
const MEGABYTE = 1_000_000

export async function measureMemory(context: Context): Promise<Findings> {
  const database = await seedDatabase(context, 'postgres', { tokens: TOKENS })
  const server = await startForge(context, database.url, { execArgv: ['--expose-gc'] })
  const idle = await server.memory()
  await fill(context.load, server)
  const full = await server.memory()

  for (let turn = 0; turn < TURNS_BEFORE; turn++) {
    await context.load.run({ url: server.url, seconds: 300, groups: mixedLoad(TOKENS, turn, 5_000) })
  }
  const warm = await server.memory()

  const used: number[] = []
  let answered = 0
  const startedAt = performance.now()
  const until = startedAt + context.minutes * 60_000
  for (let turn = TURNS_BEFORE; performance.now() < until; turn++) {
    const groups = mixedLoad(TOKENS, turn).map((group) => ({ ...group, perSecond: context.rate / 2 }))
    const result = await context.load.run({ url: server.url, seconds: SECONDS_BETWEEN_LOOKS, groups })
    answered += result.groups.reduce((sum, group) => sum + group.answered, 0)
    used.push((await server.memory()).used / MEGABYTE)
    if (used.length % 12 === 0) {
      const minutes = (performance.now() - startedAt) / 60_000
      context.say(`  ${minutes.toFixed(0)} min: ${Math.min(...used.slice(-12)).toFixed(1)} MB at the lowest`)
    }
  }
  const seconds = (performance.now() - startedAt) / 1_000
  return {
    facts: {
      'an idle forge, in MB': idle.used / MEGABYTE,
      [`with ${HELD.toLocaleString('en')} held tokens, in MB`]: full.used / MEGABYTE,
      'the whole process with them more than idle, in MB': (full.rss - idle.rss) / MEGABYTE,
      'once what has a bound is full, in MB': warm.used / MEGABYTE,
      'minutes of mixed load after that': context.minutes,
      'answers a second of it': answered / seconds,
    },
    targets: [
      {
        what: `${HELD.toLocaleString('en')} held tokens, more than an idle forge`,
        atMost: 100,
        measured: (full.used - idle.used) / MEGABYTE,
        unit: 'MB',
      },
      {
        what: `grown between the first third of ${context.minutes} min of mixed load and the last`,
        atMost: 5,
        measured: growth(used),
        unit: 'MB',
      },
    ],
  }
}

/** Every one is asked for once. */
async function fill(load: Load, server: Server): Promise<void> {
  const atOnce = 10_000
  for (let first = 0; first < HELD; first += atOnce) {
    const requests = Array.from({ length: atOnce }, (_, n) => ask(quick(first + n)))
    const group = { connections: 32, requests, accept: ['200 {"active":true'], amount: atOnce }
    await load.run({ url: server.url, seconds: 300, groups: [group] })
  }
}

/** Different numbers of tokens whose first use is not dear. */
const quick = (n: number) => Math.floor(n / 9) * 10 + (n % 9)
const ask = (n: number, token = seeded.token(n)) =>
  introspection(`Bearer ${seeded.credential(n % seeded.teams)}`, token)

/**
 * Good tokens, some for the first time, and junk of every kind, which is new in every turn.
 * @param amount of requests of either kind; without it for as long as the turn lasts
 */
export function mixedLoad(tokens: number, turn: number, amount?: number): LoadGroup[] {
  const size = amount ?? 5_000
  const some = (make: (n: number) => string) => Array.from({ length: size }, (_, n) => make(turn * size + n))
  const inUse = Math.floor((tokens * 9) / 10)
  const unknown = (n: number) => formatToken({ selector: String(n).padStart(12, 'u'), secret: ''.padStart(43, 'x') })
  const kinds = [
    (n: number) => unknown(n),
    (n: number) => wrongSecret(n % tokens, n),
    (n: number) => seeded.token(n % tokens).slice(0, -1),
  ]
  const limit = amount === undefined ? {} : { amount }
  return [
    { connections: 16, requests: some((n) => ask(quick(n % inUse))), accept: ['200 {"active":true'], ...limit },
    {
      connections: 16,
      requests: some((n) => ask(n % tokens, kinds[n % kinds.length]?.(n))),
      accept: ['200 {"active":false}'],
      ...limit,
    },
  ]
}

/**
 * By the lowest looks of the first and the last third. What has a bound goes up and down below it, by more than a leak of
 * a minute would be; what is left when it is down can only grow by what nobody lets go of.
 */
export function growth(used: readonly number[]): number {
  const third = Math.max(1, Math.floor(used.length / 3))
  return Math.min(...used.slice(-third)) - Math.min(...used.slice(0, third))
}
