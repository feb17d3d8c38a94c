/**
 * From the answer to a revocation at one of two forges on one PostgreSQL until the token is refused by the other one,
 * and by an instance that is connected to either. All three are asked without a pause; what counts is the time at which
 * the first refusal is here.
 */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { signIn, type Browser } from '../../scripts/demo/browser.ts'
import { createPasswords } from '../../forge/host/users/passwords.ts'
import { quantile, seedDatabase, startForge, type Context, type Findings } from './bench-context.ts'
import { startServer, type Server } from './processes.ts'
import { seeded } from './seed.ts'

const REVOCATIONS = 1_000
const GIVE_UP_MS = 5_000
const PASSWORD = 'correct horse battery staple'
/** Person 0 is an owner of team 0, whose instance is number 0; all tokens of ten people go there. */
const PEOPLE = 10

interface Watched {
  name: string
  /** Whether the token passes there now. */
  passes(token: string): Promise<boolean>
}

export async function measureRevocations(context: Context): Promise<Findings> {
  const database = await seedDatabase(context, 'postgres', { tokens: REVOCATIONS * PEOPLE, people: PEOPLE })
  await database.db.query('UPDATE users SET password_hash = $1', { bind: [await createPasswords().hash(PASSWORD)] })
  const forges = [await startForge(context, database.url), await startForge(context, database.url)]
  const browsers = await Promise.all(forges.map(({ url }) => signIn(url, 'person0', PASSWORD)))
  const instances = await Promise.all(forges.map((forge) => startInstance(context, forge)))
  await sleep(1_000) // until both listen

  const times: number[] = []
  const perPlace = new Map<string, number[]>()
  let missed = 0
  for (let n = 0; n < REVOCATIONS; n++) {
    if (n % 250 === 0) context.say(`  ${n} of ${REVOCATIONS}`)
    const at = n % forges.length
    const [browser, other] = [browsers[at], forges[1 - at]]
    if (!browser || !other) throw new RangeError('there are two forges')
    const places = [forgeAsked('the other forge', other), ...instances.map(instanceAsked)]
    for (const { place, ms } of await revokeOne(browser, places, n * PEOPLE)) {
      times.push(ms)
      perPlace.set(place, [...(perPlace.get(place) ?? []), ms])
      if (ms >= GIVE_UP_MS) missed += 1
    }
  }
  return judge(times, perPlace, missed)
}

async function startInstance({ ending }: Context, { url }: Server): Promise<Server> {
  const server = await startServer('instance-server.mjs', ['http', 'middleware', url, '', seeded.credential(0)])
  ending.defer(() => server.stop())
  return server
}

async function revokeOne(browser: Browser, places: readonly Watched[], n: number) {
  const token = seeded.token(n)
  for (const { name, passes } of places) {
    if (!(await passes(token))) throw new Error(`${name} refuses a token that nobody has revoked`)
  }
  let revokedAt = Infinity
  const watching = places.map(async ({ name, passes }) => {
    while (await passes(token)) {
      if (performance.now() - revokedAt > GIVE_UP_MS) return { place: name, ms: GIVE_UP_MS }
    }
    // A refusal before the answer is at once.
    return { place: name, ms: Math.max(0, performance.now() - revokedAt) }
  })
  await browser.delete(`/api/v1/tokens/${seeded.tokenId(n)}`)
  revokedAt = performance.now()
  return Promise.all(watching)
}

function forgeAsked(name: string, { url }: Server): Watched {
  return {
    name,
    async passes(token) {
      const headers = {
        authorization: `Bearer ${seeded.credential(0)}`,
        'content-type': 'application/x-www-form-urlencoded',
      }
      const { status, body } = await send(`${url}/oauth/introspect`, headers, `token=${token}`)
      if (status !== 200) throw new Error(`the forge answered ${status}: ${body}`)
      return body.startsWith('{"active":true')
    },
  }
}

function instanceAsked({ url }: Server, index: number): Watched {
  return {
    name: `an instance connected to forge ${index + 1}`,
    async passes(token) {
      const { status, body } = await send(url, { authorization: `Bearer ${token}` })
      if (status !== 200 && status !== 401) throw new Error(`the instance answered ${status}: ${body}`)
      return status === 200
    },
  }
}

function send(url: string, headers: Record<string, string>, form?: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: form === undefined ? 'GET' : 'POST', headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.on('error', reject)
    sent.end(form)
  })
}

function judge(times: readonly number[], perPlace: ReadonlyMap<string, number[]>, missed: number): Findings {
  const facts = [...perPlace].map(([place, ms]) => [
    `${place}: p50, p99, at most, in ms`,
    [quantile(ms, 0.5), quantile(ms, 0.99), quantile(ms, 1)].map((each) => each.toFixed(1)).join(', '),
  ])
  return {
    facts: Object.fromEntries(facts),
    targets: [
      {
        what: `a revocation is everywhere, p99 of ${REVOCATIONS}`,
        atMost: 250,
        measured: quantile(times, 0.99),
        unit: 'ms',
      },
      { what: `refusals missed, of ${times.length}`, atMost: 0, measured: missed, unit: 'missed' },
    ],
  }
}
