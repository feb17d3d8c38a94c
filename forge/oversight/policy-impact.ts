import type { Decision } from '../access/decide.ts'
import type { PolicyEffect, PolicyImpact } from '../contract/oversight.ts'
import type { TokenPolicy } from '../contract/policy.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import type { TokenStore } from '../tokens/store.ts'
import { holderOf } from './inventory.ts'
import { pageReaching } from './reaching.ts'
import type { Scope } from './scope.ts'
import { bestDecision, decideAt, kindsOfInstances, loadStandings, type Standing } from './standing.ts'

/** Tokens that are held in memory at once, and examples that are shown. */
const BATCH = 500
const MAX_EXAMPLES = 10

/** From one policy to another. */
export interface PolicyChange {
  before: TokenPolicy
  after: TokenPolicy
}

/** What a change does to one token, and why it stops. */
export interface Affected {
  token: { id: string; name: string }
  userId: string
  effect: PolicyEffect
  example: PolicyImpact['examples'][number]
}

/** What another policy would do to the tokens that reach the team, in numbers and examples. */
export async function measureImpact(store: TokenStore, scope: Scope, change: PolicyChange): Promise<PolicyImpact> {
  const counts: Record<PolicyEffect, number> = { stopped: 0, limited: 0, widened: 0 }
  const examples: Record<PolicyEffect, PolicyImpact['examples']> = { stopped: [], limited: [], widened: [] }
  const people = new Set<string>()

  for await (const { userId, effect, example } of affectedBy(store, scope, change)) {
    counts[effect] += 1
    people.add(userId)
    if (examples[effect].length < MAX_EXAMPLES) examples[effect].push(example)
  }

  return {
    tokens: counts.stopped + counts.limited + counts.widened,
    people: people.size,
    stoppedNow: counts.stopped,
    limitedNow: counts.limited,
    widenedNow: counts.widened,
    examples: [...examples.stopped, ...examples.limited, ...examples.widened].slice(0, MAX_EXAMPLES),
  }
}

/**
 * The live tokens that a change of policy affects, by asking the access decision about each of them at each instance
 * that it reaches in the team, under the one policy and under the other. A batch at a time, however many there are.
 */
export async function* affectedBy(
  store: TokenStore,
  scope: Scope,
  change: PolicyChange,
): AsyncGenerator<Affected, void, void> {
  const now = new Date()
  const live = { states: ['active', 'retiring'], limit: BATCH, now } as const
  let cursor: string | undefined

  do {
    const { ids, nextCursor } = await pageReaching(store.db, scope, { ...live, cursor })
    for (const standing of await loadStandings(store, scope, ids)) {
      const affected = compare(scope, standing, change, now.getTime())
      if (affected) yield affected
    }
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined)
}

function compare(scope: Scope, standing: Standing, change: PolicyChange, now: number): Affected | null {
  const pairs = Array.from(kindsOfInstances(scope, standing), (instance) => ({
    before: decideAt(scope, standing, { instance, policy: change.before, now }),
    after: decideAt(scope, standing, { instance, policy: change.after, now }),
  }))
  const effect = effectOf(pairs)
  if (effect === null) return null

  const { id, name, userId } = standing.row
  const token = { id, name }
  const last = effect === 'stopped' ? bestDecision(scope, standing, change.after, now).rules.at(-1) : undefined
  const example = { token, holder: holderOf(userId, standing.holder), effect, reason: last?.reason ?? null }
  return { token, userId, effect, example }
}

interface Pair {
  before: Decision
  after: Decision
}

/** Less anywhere counts before more elsewhere: that is what breaks. */
function effectOf(pairs: Pair[]): PolicyEffect | null {
  const worked = pairs.some(({ before }) => before.allowed)
  const works = pairs.some(({ after }) => after.allowed)
  if (worked && !works) return 'stopped'
  if (pairs.some(({ before, after }) => isLess(after, before))) return 'limited'
  return pairs.some(({ before, after }) => isLess(before, after)) ? 'widened' : null
}

/** Whether a decision lets a token do something less than the other one. */
function isLess(a: Decision, b: Decision): boolean {
  if (!b.allowed) return false
  if (!a.allowed) return true
  return ROLE_LEVELS[a.role] < ROLE_LEVELS[b.role] || (a.readOnly && !b.readOnly) || (a.mcpOnly && !b.mcpOnly)
}
