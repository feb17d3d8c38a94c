/**
 * Measures, over real HTTP, whether the time of a refusal tells a selector that does not exist from a secret that is
 * wrong (`npm run bench:refusals`). Both are asked by turns in the same run, in an order that is drawn each time, so
 * that whatever else the machine does meets both alike. What is compared are ratios, not times; "once more" shows how
 * much of a ratio is chance.
 *
 * The forge is as it is built, with its limits on refused presentations: 60 a minute for a selector and 1,000 for an
 * instance. So there are many of both.
 */
import { randomInt } from 'node:crypto'
import { Agent, request } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Application, Instance, IssuedCredential, Team } from '../../forge/contract/host.ts'
import { formatToken, parseToken } from '../../forge/contract/token-format.ts'
import type { CreatedToken } from '../../forge/contract/token.ts'
import { signIn, type Browser } from '../../scripts/demo/browser.ts'
import { startForge } from '../../scripts/demo/forge.ts'
import { freePort } from '../../scripts/demo/process.ts'

const ROUNDS = 1_200
const WARM_UP = 200
const MANY_GRANTS = 100
const CALLERS = 12
const TOKENS_OF_A_KIND = 24
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ADMIN = { username: 'admin', password: 'correct horse battery staple', email: 'admin@example.com' }

const say = (text: string) => void process.stdout.write(`${text}\n`)
const randomText = (length: number) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** A token that is well-formed and not the one that was minted. */
const unknownSelector = () => formatToken({ selector: randomText(12), secret: randomText(43) })
const wrongSecret = (selectors: readonly string[]) => {
  const next = inTurn(selectors)
  return () => formatToken({ selector: next(), secret: randomText(43) })
}

function inTurn<Item>(items: readonly Item[]): () => Item {
  let n = 0
  return () => {
    const item = items[n++ % items.length]
    if (item === undefined) throw new RangeError('there is none')
    return item
  }
}

interface Scene {
  /** How many milliseconds an instance waits for the answer about a token. */
  ask(token: string): Promise<number>
  /** Selectors of live tokens: with one grant, and with as many as there may be. */
  selectors: { one: string[]; many: string[] }
}

async function prepare(forgeUrl: string): Promise<Scene> {
  const browser = await signIn(forgeUrl, ADMIN.username, ADMIN.password)
  const { id: teamId } = await browser.post<Team>('/api/v1/teams', { name: 'Line 4' })
  const application = await browser.post<Application>('/api/v1/applications', { teamId, name: 'Packaging' })
  const instances: Instance[] = []
  for (let n = 0; n < MANY_GRANTS; n++) {
    const wish = { applicationId: application.id, name: `packer-${n}`, url: `https://packer-${n}.example.com` }
    instances.push(await browser.post<Instance>('/api/v1/instances', wish))
  }
  const callers: string[] = []
  for (const { id } of instances.slice(0, CALLERS)) {
    const { credential } = await browser.post<IssuedCredential>(`/api/v1/instances/${id}/credentials`, {})
    callers.push(credential)
  }

  const selectors: Scene['selectors'] = { one: [], many: [] }
  for (let n = 0; n < TOKENS_OF_A_KIND; n++) {
    selectors.one.push(await mint(browser, instances.slice(0, 1)))
    selectors.many.push(await mint(browser, instances))
  }
  return { ask: introspector(`${forgeUrl}/oauth/introspect`, callers), selectors }
}

async function mint(browser: Browser, instances: readonly Instance[]): Promise<string> {
  const { token } = await browser.post<CreatedToken>('/api/v1/tokens', {
    name: `reaches ${instances.length}`,
    role: 'viewer',
    readOnly: true,
    grants: instances.map(({ id }) => ({ type: 'instance', id })),
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  const parts = parseToken(token)
  if (!parts) throw new Error('not a token')
  return parts.selector
}

/** Asks on one connection that stays open, as one instance after the other. */
function introspector(url: string, credentials: readonly string[]): Scene['ask'] {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const nextCredential = inTurn(credentials)

  return (token) =>
    new Promise((resolve, reject) => {
      const authorization = `Bearer ${nextCredential()}`
      const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
      const startedAt = performance.now()
      const asked = request(url, { method: 'POST', agent, headers }, (response) => {
        let body = ''
        response.on('data', (chunk) => (body += String(chunk)))
        response.on('end', () => {
          if (body === '{"active":false}') resolve(performance.now() - startedAt)
          else reject(new Error(`answered ${response.statusCode}: ${body}`))
        })
      })
      asked.on('error', reject)
      asked.end(new URLSearchParams({ token }).toString())
    })
}

interface Kind {
  name: string
  make: () => string
  times: number[]
}

/** Asks about one of each kind by turns, first without counting. */
async function measure(ask: Scene['ask'], kinds: readonly Kind[]): Promise<void> {
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const { make, times } of [...kinds].sort(() => randomInt(3) - 1)) {
      const took = await ask(make())
      if (round >= 0) times.push(took)
    }
  }
}

function quantile(times: readonly number[], at: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.floor(at * (sorted.length - 1))] ?? NaN
}

function report(kinds: readonly Kind[]): void {
  const base = quantile(kinds[0]?.times ?? [], 0.5)
  say(`${ROUNDS} of each, by turns, on one connection; milliseconds\n`)
  say('refusal                             p25    median       p75   median / first')
  for (const { name, times } of kinds) {
    const columns = [0.25, 0.5, 0.75].map((at) => quantile(times, at).toFixed(3).padStart(9))
    const ratio = (quantile(times, 0.5) / base).toFixed(3)
    say(`${name.padEnd(30)}${columns.join(' ')}${ratio.padStart(16)}`)
  }
}

const folder = await mkdtemp(join(tmpdir(), 'forge-timing-'))
const forge = await startForge({ folder, port: await freePort(), admin: ADMIN })
try {
  const { ask, selectors } = await prepare(forge.url)
  const kinds: Kind[] = [
    { name: 'unknown selector', make: unknownSelector, times: [] },
    { name: 'unknown selector, once more', make: unknownSelector, times: [] },
    { name: 'wrong secret, 1 grant', make: wrongSecret(selectors.one), times: [] },
    { name: `wrong secret, ${MANY_GRANTS} grants`, make: wrongSecret(selectors.many), times: [] },
  ]
  await measure(ask, kinds)
  report(kinds)
} finally {
  await forge.stop()
  await rm(folder, { recursive: true })
}
