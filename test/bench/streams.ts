/**
 * A thousand instances that listen to one forge: when they hear of a revocation, what a stream costs the forge in
 * memory, and how they come back when it has been started again.
 */
import { signIn } from '../../scripts/demo/browser.ts'
import { freePort } from '../../scripts/demo/process.ts'
import { createPasswords } from '../../forge/host/users/passwords.ts'
import { median, quantile, seedDatabase, startForge, type Context, type Findings } from './bench-context.ts'
import { startServer, type Server } from './processes.ts'
import { seeded } from './seed.ts'

const INSTANCES = 1_000
const REVOCATIONS = 20
const PATIENCE_MS = 60_000
const PASSWORD = 'correct horse battery staple'

export async function measureStreams(context: Context): Promise<Findings> {
  const database = await seedDatabase(context, 'postgres', {
    tokens: 1_000,
    people: seeded.teams,
    instancesOfTeam: INSTANCES / seeded.teams,
  })
  await database.db.query('UPDATE users SET password_hash = $1', { bind: [await createPasswords().hash(PASSWORD)] })
  // Then a revocation concerns every instance of the team, and there is one for each team.
  await database.db.query(
    `UPDATE pat_token_grants SET type = 'team', target_id = (SELECT team_id FROM pat_tokens WHERE id = token_id)`,
  )
  const port = await freePort()
  const start = () => startForge(context, database.url, { port, limited: true, execArgv: ['--expose-gc'] })

  const forge = await start()
  const before = await forge.memory()
  const listeners = await startServer('listeners.mjs', [forge.url, ...credentials()])
  context.ending.defer(() => listeners.stop())
  await until(async () => (await hellosOf(listeners)).length >= INSTANCES)
  const after = await forge.memory()
  context.say(`  ${INSTANCES} instances listen`)

  const heard = await revokeSome(forge, listeners)
  const comeback = await restart(forge, start, listeners)
  return judge({
    memory: (after.used - before.used) / INSTANCES,
    rss: (after.rss - before.rss) / INSTANCES,
    heard,
    comeback,
  })
}

const credentials = () => Array.from({ length: INSTANCES }, (_, n) => seeded.credential(n))

/** When each stream said hello, since the last time that this was asked for; epoch ms. */
const hellosOf = (listeners: Server) => listeners.ask<number[]>('hellos')

interface Heard {
  /** From the answer to the revocation, of each instance that was to hear of it. */
  ms: number[]
  missed: number
}

/** One token of each team by turns; each is for the hundred instances of its team. */
async function revokeSome(forge: Server, listeners: Server): Promise<Heard> {
  const ms: number[] = []
  let missed = 0
  for (let n = 0; n < REVOCATIONS; n++) {
    const browser = await signIn(forge.url, `person${n % seeded.teams}`, PASSWORD)
    const tokenId = seeded.tokenId(n)
    await listeners.ask('forget')
    await browser.delete(`/api/v1/tokens/${tokenId}`)
    const answeredAt = Date.now()
    const expected = INSTANCES / seeded.teams
    let times: number[] = []
    await until(async () => {
      times = (await listeners.ask<[string, number][]>('heard')).filter(([id]) => id === tokenId).map(([, at]) => at)
      return times.length >= expected || Date.now() - answeredAt > 5_000
    })
    missed += expected - times.length
    ms.push(...times.map((at) => Math.max(0, at - answeredAt)))
  }
  return { ms, missed }
}

interface Comeback {
  /** Seconds from the forge's being there again until the last stream is back. */
  seconds: number
  /** The most that came back within one second, and within a tenth of one. */
  mostInASecond: number
  mostInATenth: number
}

async function restart(forge: Server, start: () => Promise<Server>, listeners: Server): Promise<Comeback> {
  await listeners.ask('forget')
  await forge.stop()
  await start()
  const thereAt = Date.now()
  let hellos: number[] = []
  await until(async () => (hellos = await hellosOf(listeners)).length >= INSTANCES)
  return {
    seconds: (Math.max(...hellos) - thereAt) / 1000,
    mostInASecond: mostWithin(hellos, 1_000),
    mostInATenth: mostWithin(hellos, 100),
  }
}

/** The fullest window of that length that begins with one of the times. */
function mostWithin(times: readonly number[], windowMs: number): number {
  const sorted = times.toSorted((one, other) => one - other)
  let from = 0
  return Math.max(
    ...sorted.map((at, n) => {
      while ((sorted[from] ?? at) <= at - windowMs) from += 1
      return n - from + 1
    }),
  )
}

async function until(check: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS
  while (!(await check())) {
    if (Date.now() > giveUpAt) throw new Error(`not within ${PATIENCE_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function judge(found: { memory: number; rss: number; heard: Heard; comeback: Comeback }): Findings {
  const { memory, rss, heard, comeback } = found
  return {
    facts: {
      'a revocation is heard, p50 in ms': median(heard.ms),
      'a revocation is heard, p99 in ms': quantile(heard.ms, 0.99),
      'memory of a stream in the forge, in kB': memory / 1000,
      'memory of a stream in the forge, of the whole process, in kB': rss / 1000,
      'all are back after a restart, in s': comeback.seconds,
      'reconnects in the fullest second': comeback.mostInASecond,
      'reconnects in the fullest tenth of a second': comeback.mostInATenth,
    },
    targets: [
      {
        what: `instances that did not hear, of ${heard.ms.length + heard.missed}`,
        atMost: 0,
        measured: heard.missed,
        unit: 'missed',
      },
    ],
  }
}
