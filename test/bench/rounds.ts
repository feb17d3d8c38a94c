import { median, type Context, type Rate } from './bench-context.ts'
import type { Job } from './load.ts'
import type { Server } from './processes.ts'

/** One kind of request at one server. */
export interface Contender {
  name: string
  database: string | null
  tokens: number | null
  server: Server
  /** What is sent in one turn. The first group counts. */
  job(): Omit<Job, 'url'>
  /** Before each turn, and not measured. */
  before?: () => Promise<unknown>
  /** Goes on for as long as a turn does. @returns ends it */
  during?: () => () => Promise<unknown> | undefined
}

interface Turn {
  rate: number
  cost: number
  p50: number
  p99: number
}

/**
 * Lets all contenders run by turns, round after round, so that whatever else the machine does meets all alike. The
 * first round warms up and does not count.
 */
export async function runRounds(context: Context, contenders: readonly Contender[]): Promise<Rate[]> {
  const turns = new Map<Contender, Turn[]>(contenders.map((contender) => [contender, []]))
  for (let round = 0; round <= context.rounds; round++) {
    context.say(`  ${round === 0 ? 'warm-up' : `round ${round} of ${context.rounds}`}`)
    for (const contender of contenders) {
      const turn = await takeTurn(context, contender)
      if (round > 0) turns.get(contender)?.push(turn)
    }
  }
  return contenders.map((contender) => rateOf(contender, turns.get(contender) ?? []))
}

async function takeTurn({ load }: Context, { name, server, job, before, during }: Contender): Promise<Turn> {
  await before?.()
  const stop = during?.()
  try {
    const spentBefore = await server.spent()
    const { groups } = await load.run({ url: server.url, ...job() })
    const [first] = groups
    const answered = groups.reduce((sum, group) => sum + group.answered, 0)
    if (!first || first.answered === 0) throw new Error(`${name}: nothing was answered`)
    return { ...first, cost: ((await server.spent()) - spentBefore) / answered }
  } finally {
    await stop?.()
  }
}

function rateOf({ name, database, tokens }: Contender, turns: readonly Turn[]): Rate {
  const of = (key: keyof Turn) => median(turns.map((turn) => turn[key]))
  return { name, database, tokens, rate: of('rate'), cost: of('cost'), p50: of('p50'), p99: of('p99') }
}

/** How a rate compares with another one, found by name, database and number of tokens. */
export function findRate(rates: readonly Rate[], name: string, database?: string | null, tokens?: number): Rate {
  const found = rates.find(
    (rate) =>
      rate.name === name &&
      (database === undefined || rate.database === database) &&
      (tokens === undefined || rate.tokens === tokens),
  )
  if (!found) throw new RangeError(`${name} was not measured`)
  return found
}
