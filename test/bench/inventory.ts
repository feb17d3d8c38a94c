/**
 * Measures how long an owner of a team waits for a page of the inventory, and for what a change of policy would do, when
 * 100,000 tokens of 2,000 people reach the team (`npm run bench:inventory`, `-- --sqlite` for SQLite, `-- --tokens 5000`
 * for another number). On a real PostgreSQL, through the whole forge; the answer is read as the page reads it.
 */
import { parseArgs } from 'node:util'

import type { TeamTokenPage } from '../../forge/contract/oversight.ts'
import { DEFAULT_POLICY } from '../../forge/contract/policy.ts'
import { createTestDatabase } from '../support/database.ts'
import { startForge } from '../support/forge.ts'
import { setup as startPostgres } from '../support/postgres-server.mjs'
import { fillInventory, OLDEST_DAYS, type InventoryScene } from './inventory-scene.ts'

const ROUNDS = 100
const WARM_UP = 10
const DAY_MS = 86_400_000

const say = (text: string) => void process.stdout.write(`${text}\n`)

const { values } = parseArgs({
  options: {
    sqlite: { type: 'boolean', default: false },
    tokens: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: String(ROUNDS) },
  },
})
const dialect = values.sqlite ? 'sqlite' : 'postgres'
const rounds = Number(values.rounds)

async function readPage({ owner, teamId }: InventoryScene, query: string): Promise<TeamTokenPage> {
  const answer = await owner('GET', `/api/v1/teams/${teamId}/tokens?${query}`)
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${answer.body}`)
  return answer.json<TeamTokenPage>()
}

/** A cursor as the list gives it, at the age that half of the tokens have. */
const middle = () => `${Date.now() - (OLDEST_DAYS / 2) * DAY_MS}_ffffffff-ffff-4fff-bfff-ffffffffffff`

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function quantile(times: readonly number[], at: number): string {
  const sorted = [...times].sort((a, b) => a - b)
  return (sorted[Math.ceil(at * sorted.length) - 1] ?? NaN).toFixed(1).padStart(9)
}

async function measurePages(scene: InventoryScene): Promise<void> {
  const weekAgo = new Date(Date.now() - 7 * DAY_MS).toISOString()
  const filters = {
    everything: '',
    'state=active': '&state=active',
    'state=revoked': '&state=revoked',
    holder: `&holder=${scene.holderId}`,
    'role=owner': '&role=owner',
    'unusedSince a week ago': `&unusedSince=${weekAgo}`,
    'query, one of 90 matches': '&query=token 77',
    'query that matches nothing': '&query=no such name',
    'state, role, query together': '&state=active&role=member&query=token 7',
  }

  say(`${rounds} of each, pages of 100; milliseconds\n`)
  say('filter                          page        matches      p50       p99')
  for (const [name, filter] of Object.entries(filters)) {
    const { count } = await readPage(scene, filter.slice(1))
    const pages = { first: '', 'in the middle': count > 400 ? `&cursor=${middle()}` : null }
    for (const [page, cursor] of Object.entries(pages)) {
      if (cursor === null) continue
      const times: number[] = []
      for (let round = -WARM_UP; round < rounds; round++) {
        const took = await time(() => readPage(scene, `limit=100${filter}${cursor}`))
        if (round >= 0) times.push(took)
      }
      const columns = [name.padEnd(30), page.padEnd(14), String(count).padStart(8)]
      say(`${columns.join(' ')}${quantile(times, 0.5)} ${quantile(times, 0.99)}`)
    }
  }
}

async function measurePolicy({ owner, teamId }: InventoryScene): Promise<void> {
  const path = `/api/v1/teams/${teamId}/token-policy`
  const stricter = { ...DEFAULT_POLICY, maxRole: 'viewer', grantTypes: ['instance'], productionNeedsApproval: true }
  const before = process.memoryUsage().rss
  let answer = ''
  const took = await time(async () => (answer = (await owner('PUT', `${path}?dryRun=true`, stricter)).body))
  const grown = (process.memoryUsage().rss - before) / 1024 / 1024
  say(`\nwhat a policy would do: ${(took / 1000).toFixed(1)} s, ${grown.toFixed(0)} MiB more memory`)
  say(answer.slice(0, 100))
}

const stopServer = values.sqlite ? undefined : await startPostgres()
const database = await createTestDatabase(dialect)
const forge = await startForge({ db: database.db })
try {
  const scene = await fillInventory(forge, Number(values.tokens))
  say(`${dialect}, ${values.tokens} tokens that reach the team\n`)
  await measurePages(scene)
  await measurePolicy(scene)
} finally {
  await forge.close()
  await database.cleanup()
  await stopServer?.()
}
