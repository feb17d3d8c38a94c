import { findingsOf, meanScore, scoreOf, type Finding, type HealthFacts } from '../contract/health.ts'
import type { TeamHealth } from '../contract/oversight.ts'
import { lowerRole, roleFromLevel, type Role } from '../contract/role.ts'
import type { TokenPolicy } from '../contract/policy.ts'
import type { TokenStore } from '../tokens/store.ts'
import { policyIn } from './inventory.ts'
import { countReaching, pageReaching } from './reaching.ts'
import { ownedTeam, type Scope } from './scope.ts'
import { kindsOfInstances, loadStandings, type Standing } from './standing.ts'

/** Tokens that are looked at, the newest: a page asks for it at every visit. */
const LOOKED_AT = 2_000
const BATCH = 500

/** How the tokens that reach a team are, by what its owners may know of them. @throws {ForgeError} not_found */
export async function getTeamHealth(store: TokenStore, userId: string, teamId: string): Promise<TeamHealth> {
  const scope = await ownedTeam(store.directory, userId, teamId)
  const now = new Date()
  const live = { states: ['active', 'retiring'], limit: BATCH, now } as const
  const [tokens, policies] = await Promise.all([
    countReaching(store.db, scope, live),
    store.policies.load([scope.team.id]),
  ])
  const policy = policyIn(policies, scope)

  const scores: number[] = []
  const counts = new Map<Finding, number>()
  let looked = 0
  let cursor: string | undefined
  do {
    const { ids, nextCursor } = await pageReaching(store.db, scope, { ...live, cursor })
    looked += ids.length
    for (const standing of await loadStandings(store, scope, ids)) {
      if (isEndedHere(standing)) continue
      const findings = findingsOf(factsOf(scope, standing, policy), now.getTime())
      scores.push(scoreOf(findings))
      for (const finding of findings) counts.set(finding, (counts.get(finding) ?? 0) + 1)
    }
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined && looked < LOOKED_AT)

  const findings = [...counts].map(([finding, count]) => ({ finding, tokens: count }))
  return {
    score: meanScore(scores),
    tokens: cursor === undefined ? scores.length : tokens,
    lookedAt: scores.length,
    findings: findings.sort((a, b) => b.tokens - a.tokens || (a.finding < b.finding ? -1 : 1)),
  }
}

/** What an owner has ended for the team is none of its worries any more, though it may live elsewhere. */
const isEndedHere = ({ cuts }: Standing) => cuts.some(({ scopeType }) => scopeType === 'team')

/** Only what concerns the team: how far a token reaches elsewhere is not its owners' business. */
function factsOf(scope: Scope, standing: Standing, policy: TokenPolicy): HealthFacts {
  const { row, facts, instances } = standing
  return {
    role: facts.role,
    readOnly: facts.readOnly,
    createdAt: facts.createdAt,
    expiresAt: facts.expiresAt,
    lastUsedAt: row.lastUsedAt?.getTime() ?? null,
    replaced: row.replacedById !== null,
    grows: facts.grants.some(({ type }) => type !== 'instance'),
    instances: instances.length,
    production: instances.some(({ production }) => production),
    holderRole: holderRole(scope, standing, policy),
  }
}

/** The most that the holder may be here, as for a token on its own page: the role where it reaches, under the policy. */
function holderRole(scope: Scope, standing: Standing, { maxRole }: TokenPolicy): Role | null {
  const { member } = standing
  if (!member) return null

  const levels = Array.from(
    kindsOfInstances(scope, standing),
    ({ applicationId }) =>
      member.overrides.find((override) => override.applicationId === applicationId)?.roleLevel ?? member.roleLevel,
  )
  const role = roleFromLevel(Math.max(0, ...levels))
  return role && lowerRole(role, maxRole)
}
