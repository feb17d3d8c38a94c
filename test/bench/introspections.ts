/** Introspection against its peers: warm, read fresh, for the first time, and of junk. */
import pg from 'pg'
import sqlite3 from 'sqlite3'

import { formatToken } from '../../forge/contract/token-format.ts'
import {
  seedDatabase,
  startForge,
  type Context,
  type Findings,
  type Target,
  type Rate,
  type SeededDatabase,
} from './bench-context.ts'
import { introspection, type LoadGroup } from './load.ts'
import { startServer, type Server } from './processes.ts'
import { findRate, runRounds, type Contender } from './rounds.ts'
import { seeded } from './seed.ts'

const SMALL = 1_000
/** Tokens in use. In the large database they lie all over it. */
const IN_USE = 1_000
const CONNECTIONS = 32
/** How often all that is held becomes old, so that hardly any token is asked for twice in between. */
const STALE_EVERY_MS = 50
/** First uses in a second of a measurement: so many tokens are used up. */
const FIRST_USES_A_SECOND = 200

const TRIVIAL_WITHIN = 'trivial POST in the forge'

const ACTIVE = ['200 {"active":true']
const INACTIVE = ['200 {"active":false}']

export async function measureIntrospections(context: Context): Promise<Findings> {
  context.say('  filling the databases')
  const databases: SeededDatabase[] = []
  for (const dialect of ['postgres', 'sqlite'] as const)
    for (const tokens of new Set([SMALL, context.tokens]))
      databases.push(await seedDatabase(context, dialect, { tokens }))

  const contenders = await startPeers(context, databases)
  for (const database of databases) contenders.push(...(await startOurs(context, database)))
  const rates = await runRounds(context, contenders)
  return { rates, targets: judge(rates, context.tokens), facts: aboveTheFloor(rates) }
}

/** What introspection itself takes off the rate that the forge's own Fastify has. */
function aboveTheFloor(rates: readonly Rate[]): Record<string, number> {
  const shares = ['postgres', 'sqlite'].flatMap((database) => {
    const { rate } = findRate(rates, TRIVIAL_WITHIN, database)
    return ['warm', 'junk: bad checksum'].map((name) => {
      const share = findRate(rates, name, database, SMALL).rate / rate
      return [`${name}, ${database}, of the trivial POST in the forge`, share] as const
    })
  })
  return Object.fromEntries(shares)
}

async function startPeers(context: Context, databases: readonly SeededDatabase[]): Promise<Contender[]> {
  const start = async (script: string, args: string[] = []) => {
    const server = await startServer(script, args)
    context.ending.defer(() => server.stop())
    return server
  }
  const trivial = await start('trivial-server.mjs')
  const oidc = await start('oidc-server.mjs')
  const none = { database: null, tokens: null }
  const peers: Contender[] = [
    { name: 'trivial POST', ...none, server: trivial, job: endless(context, usual(SMALL), { awake: true }) },
    { name: 'oidc-provider', ...none, server: oidc, job: endless(context, await oidcRequests(oidc), { awake: true }) },
  ]
  for (const { dialect, url, tokens } of databases.filter(({ dialect }) => dialect === 'postgres')) {
    const server = await start('lookup-server.mjs', [url])
    peers.push({ name: 'prepared lookup', database: dialect, tokens, server, job: endless(context, usual(tokens)) })
  }
  return peers
}

async function oidcRequests(server: Server): Promise<LoadGroup> {
  const credential = `Basic ${Buffer.from('instance:a+secret+of+the+instance').toString('base64')}`
  const requests = (await server.ask<string[]>('tokens')).map((token) =>
    introspection(credential, token).replace('/oauth/introspect', '/token/introspection'),
  )
  return { connections: CONNECTIONS, requests, accept: ACTIVE }
}

/** The tokens in use, each asked for by an instance that it is for. */
function usual(tokens: number): LoadGroup {
  const requests = Array.from({ length: IN_USE }, (_, n) => ask(numberInUse(n, tokens)))
  return { connections: CONNECTIONS, requests, accept: ACTIVE }
}

/** None whose first use is dear. */
function numberInUse(n: number, tokens: number): number {
  const spread = n * Math.max(1, Math.floor(tokens / IN_USE))
  return seeded.isRealHash(spread) ? spread - 1 : spread
}

const ask = (n: number, token = seeded.token(n)) => introspection(callerOf(n), token)
const callerOf = (n: number) => `Bearer ${seeded.credential(n % seeded.teams)}`

const endless =
  ({ seconds }: Context, group: LoadGroup, more: { awake?: boolean } = {}) =>
  () => ({ seconds, groups: [group], ...more })

async function startOurs(context: Context, database: SeededDatabase): Promise<Contender[]> {
  const { dialect, tokens, url } = database
  const server = await startForge(context, url)
  const group = usual(tokens)
  const of = { database: dialect, tokens, server }
  const warmUp = () => context.load.run({ url: server.url, seconds: 60, groups: [{ ...group, amount: 2 * IN_USE }] })
  const toMakeOld = await staleMaker(context, database)

  const ours: Contender[] = [
    { name: 'warm', ...of, before: warmUp, job: endless(context, group, { awake: true }) },
    { name: 'read fresh', ...of, before: warmUp, job: endless(context, group), during: toMakeOld },
  ]
  if (tokens > SMALL) ours.push({ name: 'first use', ...of, job: firstUses(context, tokens) })
  else ours.push(...junk(context, of), trivialWithin(context, of))
  return ours
}

/** Makes all that is held old, again and again: as a change of everything would, made by hand in the database. */
async function staleMaker({ ending }: Context, { dialect, url }: SeededDatabase): Promise<() => () => undefined> {
  const tell = await (dialect === 'postgres' ? tellPostgres(url, ending.defer) : tellSqlite(url, ending.defer))
  return () => {
    const timer = setInterval(tell, STALE_EVERY_MS)
    return () => void clearInterval(timer)
  }
}

async function tellPostgres(url: string, defer: Context['ending']['defer']): Promise<() => void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // its database goes when the benchmark ends
  await client.connect()
  defer(() => client.end())
  return () => void client.query('NOTIFY pat_changes').catch(() => undefined)
}

async function tellSqlite(url: string, defer: Context['ending']['defer']): Promise<() => void> {
  const db = new sqlite3.Database(url.slice('sqlite:'.length))
  db.configure('busyTimeout', 5_000)
  defer(() => new Promise((resolve) => db.close(resolve)))
  return () => void db.run("INSERT INTO pat_changes (kind, subject) VALUES ('all', '')", () => undefined)
}

/** Tokens that nobody has used yet, with hashes as they really are; other ones each time. */
function firstUses({ seconds }: Context, tokens: number): Contender['job'] {
  const amount = Math.round(FIRST_USES_A_SECOND * seconds)
  let next = 9
  return () => {
    const requests = Array.from({ length: amount }, () => {
      next = next + 10 < tokens ? next + 10 : 9
      return ask(next)
    })
    return { seconds: 60, groups: [{ connections: CONNECTIONS, requests, accept: ACTIVE, amount }] }
  }
}

function junk(context: Context, of: Pick<Contender, 'database' | 'tokens' | 'server'>): Contender[] {
  const kinds: [string, (n: number) => string, boolean][] = [
    ['junk: bad checksum', badChecksum, true],
    ['junk: unknown selector', (n) => formatToken({ selector: 'unknown' + pad(n, 5), secret: secretOf(n) }), false],
    ['junk: wrong secret', (n) => wrongSecret(n % 10, n), false],
  ]
  return kinds.map(([name, make, awake]) => {
    const requests = Array.from({ length: IN_USE }, (_, n) => ask(n, make(n)))
    const group = { connections: CONNECTIONS, requests, accept: INACTIVE }
    return { name, ...of, job: endless(context, group, { awake }) }
  })
}

/** What an answer of this forge costs that nothing is done for. */
function trivialWithin(context: Context, of: Pick<Contender, 'database' | 'tokens' | 'server'>): Contender {
  const { requests, ...group } = usual(SMALL)
  const trivial = requests.map((text) => text.replace('/oauth/introspect', '/trivial'))
  return { name: TRIVIAL_WITHIN, ...of, job: endless(context, { ...group, requests: trivial }, { awake: true }) }
}

const pad = (n: number, length: number) => String(n).padStart(length, '0')
const secretOf = (n: number) => pad(n, 43)

/** A token that is well-formed, of one that exists, and whose secret is another. */
export const wrongSecret = (n: number, attempt: number) =>
  formatToken({ selector: seeded.selector(n), secret: secretOf(attempt) })

function badChecksum(n: number): string {
  const token = seeded.token(n)
  return token.slice(0, -1) + (token.endsWith('0') ? '1' : '0')
}

function judge(rates: readonly Rate[], large: number): Target[] {
  const trivial = findRate(rates, 'trivial POST').rate
  const warm = (database: string, tokens = SMALL) => findRate(rates, 'warm', database, tokens).rate
  const fresh = (database: string, tokens = SMALL) => findRate(rates, 'read fresh', database, tokens).rate
  const both = ['postgres', 'sqlite']
  const unit = 'of the rate'
  const size = large.toLocaleString('en')

  return [
    ...both.flatMap((database) => [
      {
        what: `warm introspection, ${database}, of the trivial POST`,
        atLeast: 0.6,
        measured: warm(database) / trivial,
        unit,
      },
      {
        what: `warm introspection, ${database}, of oidc-provider in memory`,
        atLeast: 2.5,
        measured: warm(database) / findRate(rates, 'oidc-provider').rate,
        unit,
      },
    ]),
    {
      what: 'facts read fresh, postgres, of the prepared lookup',
      atLeast: 0.6,
      measured: fresh('postgres') / findRate(rates, 'prepared lookup', 'postgres', SMALL).rate,
      unit,
    },
    ...both.map((database) => ({
      what: `junk with a bad checksum, ${database}, of the trivial POST`,
      atLeast: 0.7,
      measured: findRate(rates, 'junk: bad checksum', database).rate / trivial,
      unit,
    })),
    ...(large > SMALL ? both : []).flatMap((database) => [
      {
        what: `warm with ${size} tokens, ${database}, of ${SMALL}`,
        atLeast: 0.9,
        measured: warm(database, large) / warm(database),
        unit,
      },
      {
        what: `fresh with ${size} tokens, ${database}, of ${SMALL}`,
        atLeast: 0.8,
        measured: fresh(database, large) / fresh(database),
        unit,
      },
    ]),
  ]
}
