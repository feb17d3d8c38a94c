/**
 * How long an owner of a team waits for a page of the inventory, and for what a change of policy would do, when 100,000
 * tokens of 2,000 people reach the team. On a real PostgreSQL, through the whole forge; the answer is read as
 * the page reads it.
 */
import type { TeamTokenPage } from '../../forge/contract/oversight.ts'
import { DEFAULT_POLICY } from '../../forge/contract/policy.ts'
import { createTestDatabase } from '../support/database.ts'
import { startForge, type TestForge } from '../support/forge.ts'
import { quantile, type Context, type Findings } from './bench-context.ts'
import { fillInventory, OLDEST_DAYS, type InventoryScene } from './inventory-scene.ts'

const TOKENS = 100_000
const OF_EACH = 200
const WARM_UP = 5
const DAY_MS = 86_400_000
const LIMIT_MS = 100

export async function measureInventory({ ending, say }: Context): Promise<Findings> {
  const fill = async (allReach: boolean) => {
    const database = await createTestDatabase('postgres')
    ending.defer(() => database.cleanup())
    const forge: TestForge = await startForge({ db: database.db })
    ending.defer(() => forge.close())
    const which = allReach ? ', which all reach an instance' : ''
    say(`  filling a database with ${TOKENS.toLocaleString('en')} tokens${which}`)
    return fillInventory(forge, TOKENS, allReach)
  }

  const some = await fill(false)
  const mixed = await measurePages(some, { ...ofTeam(some), ...ofInstance(some) }, say)
  const scene = await fill(true)
  const wide = await measurePages(scene, ofInstance(scene, ' that all reach'), say)
  const all = new Map([...mixed.all, ...wide.all])
  const policySeconds = (await time(() => tryPolicy(scene))) / 1000
  const worst = [...all].toSorted(([, one], [, other]) => quantile(other, 0.99) - quantile(one, 0.99))[0]
  return {
    facts: { ...mixed.facts, ...wide.facts, 'what another policy would do to them, in s': policySeconds },
    targets: [
      {
        what: `a page of the inventory of ${TOKENS.toLocaleString('en')} tokens, p99 of all ${all.size * OF_EACH}`,
        atMost: LIMIT_MS,
        measured: quantile([...all.values()].flat(), 0.99),
        unit: 'ms',
      },
      {
        what: `the slowest kind of page (${worst?.[0]}), p99 of ${OF_EACH}`,
        atMost: LIMIT_MS,
        measured: quantile(worst?.[1] ?? [], 0.99),
        unit: 'ms',
      },
    ],
  }
}

/** What is asked for, by its name. */
type Lists = Record<string, string>

function ofTeam({ teamId, holderId }: InventoryScene): Lists {
  const weekAgo = new Date(Date.now() - 7 * DAY_MS).toISOString()
  return listsOf(`teams/${teamId}`, {
    everything: '',
    'state=active': '&state=active',
    'state=revoked': '&state=revoked',
    holder: `&holder=${holderId}`,
    'role=owner': '&role=owner',
    'unusedSince a week ago': `&unusedSince=${weekAgo}`,
    'query, one of 90 matches': '&query=token 77',
    'query that matches nothing': '&query=no such name',
    'query of one letter that matches nothing': '&query=%C3%A9',
    'state and role that nothing has together': '&state=active&role=member',
    'state, role, query together': '&state=active&role=member&query=token 7',
  })
}

/** Of one instance, to which a grant may lead in three ways. */
function ofInstance({ instanceId }: InventoryScene, which = ''): Lists {
  return listsOf(`instances/${instanceId}`, {
    [`an instance${which}`]: '',
    [`an instance${which}, state and role`]: '&state=active&role=owner',
    [`an instance${which}, query`]: '&query=token 77',
  })
}

const listsOf = (scope: string, filters: Record<string, string>): Lists =>
  Object.fromEntries(
    Object.entries(filters).map(([name, filter]) => [name, `/api/v1/${scope}/tokens?limit=100${filter}`]),
  )

/** By turns, so that whatever else the machine does meets all alike. */
async function measurePages(scene: InventoryScene, lists: Lists, say: Context['say']) {
  const pages = new Map<string, string>()
  const counts = new Map<string, number>()
  for (const [name, first] of Object.entries(lists)) {
    const { count } = await readPage(scene, first)
    counts.set(name, count)
    pages.set(name, first)
    if (count <= 400) continue
    pages.set(`${name}, in the middle`, `${first}&cursor=${cursorAt(OLDEST_DAYS / 2)}`)
    if (first.endsWith('limit=100')) pages.set(`${name}, near the end`, `${first}&cursor=${cursorAt(OLDEST_DAYS - 1)}`)
  }

  const all = new Map<string, number[]>([...pages.keys()].map((name) => [name, []]))
  for (let round = -WARM_UP; round < OF_EACH; round++) {
    if (round >= 0 && round % 50 === 0) say(`  page ${round} of ${OF_EACH} of each kind`)
    for (const [name, url] of pages) {
      const took = await time(() => readPage(scene, url))
      if (round >= 0) all.get(name)?.push(took)
    }
  }
  const facts = [...all].map(([name, times]) => {
    const matches = counts.get(name)
    const quantiles = [0.5, 0.99].map((share) => quantile(times, share).toFixed(1)).join(' / ')
    return [`${name}${matches === undefined ? '' : `, ${matches} matches`}: p50 / p99 in ms`, quantiles]
  })
  return { all, facts: Object.fromEntries(facts) as Record<string, string> }
}

/** A cursor as the list gives it, between tokens of that age. */
const cursorAt = (days: number) => `${Date.now() - days * DAY_MS}_ffffffff-ffff-4fff-bfff-ffffffffffff`

async function readPage({ owner }: InventoryScene, url: string): Promise<TeamTokenPage> {
  const answer = await owner('GET', url)
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${answer.body}`)
  return answer.json<TeamTokenPage>()
}

async function tryPolicy({ owner, teamId }: InventoryScene): Promise<void> {
  const stricter = { ...DEFAULT_POLICY, maxRole: 'viewer', grantTypes: ['instance'], productionNeedsApproval: true }
  const answer = await owner('PUT', `/api/v1/teams/${teamId}/token-policy?dryRun=true`, stricter)
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${answer.body}`)
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
