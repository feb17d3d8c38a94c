import type { Decision } from '../access/decide.ts'
import type { Holder, TeamToken, TeamTokenPage, TeamTokenQuery } from '../contract/oversight.ts'
import type { TokenPolicy } from '../contract/policy.ts'
import type { Person } from '../directory/directory.ts'
import { stateOf } from '../tokens/present.ts'
import type { TokenStore } from '../tokens/store.ts'
import { momentOf } from './moment.ts'
import { countReaching, findsAll, pageReaching, wayOf, type PageOfIds } from './reaching.ts'
import { named, ownedInstance, ownedTeam, type Scope } from './scope.ts'
import { bestDecision, loadStandings, type ShownToken, type Standing } from './standing.ts'

/** Whose tokens reach a team, newest first, ended ones included. @throws {ForgeError} not_found, invalid_request */
export async function listTeamTokens(
  store: TokenStore,
  userId: string,
  { id, ...query }: TeamTokenQuery & { id: string },
): Promise<TeamTokenPage> {
  return listTokensOf(store, await ownedTeam(store.directory, userId, id), query)
}

/** Whose tokens reach an instance, newest first, ended ones included. @throws {ForgeError} not_found, invalid_request */
export async function listInstanceTokens(
  store: TokenStore,
  userId: string,
  { id, ...query }: TeamTokenQuery & { id: string },
): Promise<TeamTokenPage> {
  return listTokensOf(store, await ownedInstance(store.directory, userId, id), query)
}

async function listTokensOf(store: TokenStore, scope: Scope, query: TeamTokenQuery): Promise<TeamTokenPage> {
  const asked = pageOf(query, new Date())
  const page = { ...asked, how: await wayOf(store.db, scope, asked) }
  const [{ nextCursor, found, standings }, counted, policies] = await Promise.all([
    readPage(store, scope, page),
    findsAll(page) ? null : countReaching(store.db, scope, page),
    store.policies.load([scope.team.id]),
  ])

  const policy = policyIn(policies, scope)
  return {
    meta: nextCursor === null ? {} : { next_cursor: nextCursor },
    count: counted ?? found,
    tokens: standings.map((standing) => present(scope, standing, policy, page.now.getTime())),
  }
}

async function readPage(store: TokenStore, scope: Scope, page: PageOfIds) {
  const { ids, ...rest } = await pageReaching(store.db, scope, page)
  return { ...rest, standings: await loadStandings(store, scope, ids) }
}

/** `load` answers for every team that it is asked for. */
export function policyIn(policies: Map<string, TokenPolicy>, { team }: Scope): TokenPolicy {
  const policy = policies.get(team.id)
  if (!policy) throw new TypeError(`there is no policy of team ${team.id}`)
  return policy
}

/** @throws {ForgeError} invalid_request for a moment that there is not */
function pageOf({ state, unusedSince, limit = 100, ...rest }: TeamTokenQuery, now: Date): PageOfIds {
  const since = unusedSince === undefined ? undefined : momentOf('unusedSince', unusedSince)
  return { ...rest, unusedSince: since, limit, now, states: typeof state === 'string' ? [state] : state }
}

function present(scope: Scope, standing: Standing, policy: TokenPolicy, now: number): TeamToken {
  const { row, facts, holder, approval, cuts } = standing

  return {
    id: row.id,
    selector: row.selector,
    name: row.name,
    holder: holderOf(row.userId, holder),
    role: facts.role,
    readOnly: facts.readOnly,
    tools: facts.tools && [...facts.tools],
    grants: named(scope, facts.grants),
    access: accessOf(bestDecision(scope, standing, policy, now), standing),
    state: stateOf(row, now),
    endReason: row.endReason,
    approval: approval?.state ?? null,
    cutOff: cuts.some(({ scopeType }) => scopeType === 'team' || scope.type === 'instance'),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUse: lastUseOf(scope, row),
  }
}

/** A person with the names of now. */
export function holderOf(id: string, person: Person | null | undefined): Holder {
  return { id, username: person?.username ?? null, name: person?.name ?? null }
}

function accessOf(decision: Decision, { holder, instances }: Standing): TeamToken['access'] {
  if (decision.allowed) {
    const { role, readOnly, mcpOnly } = decision
    return { allowed: true, role, readOnly, mcpOnly }
  }

  const last = decision.rules.at(-1)
  const nowhere = holder && instances.length === 0 && last?.rule === 'instance_exists'
  return {
    allowed: false,
    reason: nowhere ? 'There is no instance here for it yet.' : (last?.reason ?? 'It is refused.'),
  }
}

/** Where a token is used outside the team is not the owners' business; that it is in use, they should know. */
function lastUseOf({ names }: Scope, row: ShownToken): TeamToken['lastUse'] {
  if (!row.lastUsedAt) return null

  const at = row.lastUsedAt.toISOString()
  const id = row.lastUsedInstanceId
  const name = id === null ? undefined : names.instance.get(id)
  if (id === null || name === undefined) return { at, instance: null, client: null, address: null }

  return { at, instance: { id, name }, client: row.lastUsedClient, address: row.lastUsedAddress }
}
