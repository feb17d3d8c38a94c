import type { Transaction } from 'sequelize'

import { checkFresh } from '../access/session.ts'
import type { PersonActor } from '../audit/actor.ts'
import { teamLog } from '../audit/entry.ts'
import type { AuditUpdate } from '../contract/audit-events.ts'
import type { NoticeBody } from '../contract/notice.ts'
import type { PolicyImpact } from '../contract/oversight.ts'
import type { TokenPolicy } from '../contract/policy.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { tell } from '../notices/tell.ts'
import { lockByName } from '../sql/lock.ts'
import type { TokenStore } from '../tokens/store.ts'
import { policyIn } from './inventory.ts'
import { affectedBy, measureImpact } from './policy-impact.ts'
import { ownedTeam, type Scope } from './scope.ts'

/** What a team allows of tokens, for its owners. @throws {ForgeError} not_found */
export async function getPolicy(store: TokenStore, userId: string, teamId: string): Promise<TokenPolicy> {
  return currentPolicy(store, await ownedTeam(store.directory, userId, teamId))
}

/** What saving a policy would do; nothing is written. @throws {ForgeError} not_found */
export async function tryPolicy(
  store: TokenStore,
  userId: string,
  { teamId, policy }: { teamId: string; policy: TokenPolicy },
): Promise<PolicyImpact> {
  const scope = await ownedTeam(store.directory, userId, teamId)
  return measureImpact(store, scope, { before: await currentPolicy(store, scope), after: policy })
}

/**
 * Saves a team's whole policy. It holds from the next use of any token; those who hold one that stops, or may do less,
 * are told once. Saving what is saved already does nothing.
 * @throws {ForgeError} not_found, reauthentication_required, conflict when another owner changed it meanwhile
 */
export async function savePolicy(
  store: TokenStore,
  { actor, authenticatedAt }: { actor: PersonActor; authenticatedAt: number },
  { teamId, policy }: { teamId: string; policy: TokenPolicy },
): Promise<TokenPolicy> {
  const scope = await ownedTeam(store.directory, actor.userId, teamId)
  checkFresh(authenticatedAt, Date.now())

  const before = await currentPolicy(store, scope)
  const updates = differences(before, policy)
  if (updates.length === 0) return before

  // Many tokens take a while to look at, so that is done before the transaction; it notices when the policy moved.
  const losses = await lossesByHolder(store, scope, { before, after: policy })

  await store.db.transaction(async (transaction) => {
    await lockByName(store.db, `token policy ${teamId}`, transaction)
    const moved = differences(before, policyIn(await store.policies.load([teamId], transaction), scope))
    if (moved.length > 0) {
      throw new ForgeError('conflict', 'Another owner has changed the policy meanwhile. Look at it again.')
    }

    await store.policies.save(teamId, policy, transaction)
    const entry = { actor, scopes: [teamLog(scope.team)] as const, body: { updates } }
    await store.audit.write({ event: 'team.tokenPolicy.updated', ...entry }, transaction)
    await tellHolders(store, { scope, actor, losses }, transaction)
  })
  return policy
}

async function currentPolicy(store: TokenStore, scope: Scope): Promise<TokenPolicy> {
  return policyIn(await store.policies.load([scope.team.id]), scope)
}

function differences(before: TokenPolicy, after: TokenPolicy): AuditUpdate[] {
  const keys = Object.keys(before) as (keyof TokenPolicy)[]
  return keys
    .filter((key) => comparable(before[key]) !== comparable(after[key]))
    .map((key) => ({ key, old: before[key], new: after[key] }))
}

/** The order of a list says nothing. */
function comparable(value: TokenPolicy[keyof TokenPolicy]): string {
  return JSON.stringify(Array.isArray(value) ? [...value].sort() : value)
}

type Losses = Map<string, NoticeBody<'policy-changed'>['tokens']>

async function lossesByHolder(
  store: TokenStore,
  scope: Scope,
  change: { before: TokenPolicy; after: TokenPolicy },
): Promise<Losses> {
  const losses: Losses = new Map()
  for await (const { token, userId, effect } of affectedBy(store, scope, change)) {
    if (effect !== 'widened') losses.set(userId, [...(losses.get(userId) ?? []), { ...token, effect }])
  }
  return losses
}

async function tellHolders(
  { db }: TokenStore,
  { scope: { team }, actor, losses }: { scope: Scope; actor: PersonActor; losses: Losses },
  transaction: Transaction,
): Promise<void> {
  const now = new Date()
  const about = { team: { id: team.id, name: team.name }, by: actor.username }
  const dedupeKey = `policy:${team.id}:${now.toISOString()}`

  for (const [userId, tokens] of losses) {
    await tell(db, { userId, kind: 'policy-changed', dedupeKey, body: { ...about, tokens } }, { transaction, now })
  }
}
