/** Whether callers with good tokens notice that somebody tries wrong secrets on a token that exists. */
import type { Dialect } from '../support/database.ts'
import { median, seedDatabase, startForge, type Context, type Findings } from './bench-context.ts'
import { wrongSecret } from './introspections.ts'
import { introspection, type LoadGroup } from './load.ts'
import { seeded } from './seed.ts'

const TOKENS = 1_000
const CONNECTIONS = 32
/** Guesses in a second: twice what one instance may ask at all. */
const GUESSES_A_SECOND = 1_000
/** The one that they come through; the others are the valid callers. */
const FLOODED = 0

export async function measureFlood(context: Context): Promise<Findings> {
  const onPostgres = await measureOn(context, 'postgres')
  const onSqlite = await measureOn(context, 'sqlite')
  return {
    facts: { ...onPostgres.facts, ...onSqlite.facts },
    targets: [...onPostgres.targets, ...onSqlite.targets],
  }
}

async function measureOn(context: Context, dialect: Dialect) {
  const database = await seedDatabase(context, dialect, { tokens: TOKENS })
  const server = await startForge(context, database.url)
  const valid = validCallers()
  const flood = guesses()
  const turn = async (groups: LoadGroup[]) => {
    const result = await context.load.run({ url: server.url, seconds: context.seconds, groups, awake: true })
    return result.groups.map(({ rate }) => rate)
  }

  await turn([valid])
  const alone: number[] = []
  const shares: number[] = []
  const guessed: number[] = []
  for (let round = 0; round < context.rounds; round++) {
    const [free = NaN] = await turn([valid])
    const [kept = NaN, tried = NaN] = await turn([valid, flood])
    alone.push(free)
    // Of the turn right before: a machine that is slow for a while is so for both.
    shares.push(kept / free)
    guessed.push(tried)
  }
  return {
    facts: {
      [`guesses a second, ${dialect}`]: median(guessed),
      [`valid callers alone, answers a second, ${dialect}`]: median(alone),
    },
    targets: [
      {
        what: `valid callers during ${GUESSES_A_SECOND.toLocaleString('en')} guesses a second, ${dialect}`,
        atLeast: 0.8,
        measured: median(shares),
        unit: 'of their rate',
      },
    ],
  }
}

function validCallers(): LoadGroup {
  const numbers = Array.from({ length: TOKENS }, (_, n) => n).filter(
    (n) => n % seeded.teams !== FLOODED && n % 10 !== 9,
  )
  const requests = numbers.map((n) => introspection(`Bearer ${seeded.credential(n % seeded.teams)}`, seeded.token(n)))
  return { connections: CONNECTIONS, requests, accept: ['200 {"active":true'] }
}

function guesses(): LoadGroup {
  const credential = `Bearer ${seeded.credential(FLOODED)}`
  const requests = Array.from({ length: 1_000 }, (_, n) => introspection(credential, wrongSecret(FLOODED, n)))
  return { connections: 16, requests, accept: ['200 {"active":false}', '429'], perSecond: GUESSES_A_SECOND }
}
