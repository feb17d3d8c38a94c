import { decide, type Decision } from '../access/decide.ts'
import { grantsFor, type LiveFacts, type TokenFacts } from '../access/rules.ts'
import type { Grant } from '../contract/grant.ts'
import type { TokenPolicy } from '../contract/policy.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import type { Member, Person } from '../directory/directory.ts'
import type { RawTime } from '../sql/rows.ts'
import type { ApprovalRow, CutRow, TokenModels, TokenRow } from '../tokens/model.ts'
import { findParents } from '../tokens/parents.ts'
import { factsOf } from '../tokens/record.ts'
import type { TokenStore } from '../tokens/store.ts'
import { grantsHere, instancesReached, type Scope, type ScopeInstance } from './scope.ts'

/** Neither what proves a token nor what its holder notes about it leaves the table for an owner of a team. */
const SHOWN = [
  ...(['id', 'selector', 'name', 'userId', 'roleLevel', 'readOnly', 'tools', 'parentId', 'replacedById'] as const),
  ...(['createdAt', 'expiresAt', 'revokedAt', 'retiresAt', 'endReason', 'endNoted'] as const),
  ...(['lastUsedAt', 'lastUsedInstanceId', 'lastUsedClient', 'lastUsedAddress'] as const),
]

/** What there is to see of a token for an owner of a team. */
export type ShownToken = Pick<TokenRow, (typeof SHOWN)[number]>

/** A token with all that the decision wants to know of it and its holder here. */
export interface Standing {
  row: ShownToken
  facts: TokenFacts
  /** What it reaches here now. */
  instances: ScopeInstance[]
  /** Null once the person is gone. */
  holder: Person | null
  member: Member | null
  approval: ApprovalRow | null
  cuts: CutRow[]
}

/** The tokens of these ids in this order, read in one look for all of them at each kind of thing. */
export async function loadStandings(store: TokenStore, scope: Scope, ids: readonly string[]): Promise<Standing[]> {
  if (ids.length === 0) return []
  const { models, directory } = store
  const teamId = scope.team.id

  const [rows, grantsOf] = await Promise.all([readTokens(models, ids), readGrants(models, ids)])
  const parentsOf = await findParents(
    store.db,
    rows.map(({ parentId }) => parentId),
  )
  const parentIds = rows.flatMap(({ parentId }) => parentsOf(parentId).map(({ id }) => id))
  const tokenId = [...ids, ...parentIds]
  const userIds = [...new Set(rows.map(({ userId }) => userId))]
  const cutHere = [
    { scopeType: 'team' as const, scopeId: [teamId] },
    { scopeType: 'instance' as const, scopeId: scope.targets.instance },
  ]

  const [people, members, approvals, ...cuts] = await Promise.all([
    directory.people(userIds),
    directory.members(teamId, userIds),
    models.Approval.findAll({ where: { tokenId, teamId } }),
    ...cutHere.map((where) => models.Cut.findAll({ where: { ...where, tokenId } })),
  ])

  const personOf = new Map(people.map((person) => [person.id, person]))
  const memberOf = new Map(members.map((member) => [member.userId, member]))
  const approvalOf = new Map(approvals.map((approval) => [approval.tokenId, approval]))
  const cutsOf = new Map<string, CutRow[]>()
  for (const cut of cuts.flat()) cutsOf.set(cut.tokenId, [...(cutsOf.get(cut.tokenId) ?? []), cut])
  const rowOf = new Map(rows.map((row) => [row.id, row]))

  return ids.flatMap((id) => {
    const row = rowOf.get(id)
    if (!row) return [] // deleted since its id was read

    const parents = parentsOf(row.parentId)
    const facts = factsOf(row, grantsHere(scope, grantsOf.get(id) ?? []), parents)
    const line = [id, ...parents.map((parent) => parent.id)]
    return {
      row,
      facts,
      instances: instancesReached(scope, facts.grants),
      holder: personOf.get(row.userId) ?? null,
      member: memberOf.get(row.userId) ?? null,
      // As with `findTeamFacts`: approved is the root, cut off is the whole line.
      approval: approvalOf.get(line.at(-1) ?? id) ?? null,
      cuts: line.flatMap((each) => cutsOf.get(each) ?? []),
    }
  })
}

/**
 * As plain objects: to make models of a page of tokens takes longer than all that is asked of the database for it. On SQLite
 * a time is then text, and a truth a number, whatever the model says of them.
 */
async function readTokens({ Token }: TokenModels, ids: readonly string[]): Promise<ShownToken[]> {
  const rows = await Token.findAll({ where: { id: [...ids] }, attributes: SHOWN, raw: true })
  return rows.map((row) => ({
    ...row,
    readOnly: Boolean(row.readOnly),
    endNoted: Boolean(row.endNoted),
    createdAt: new Date(row.createdAt),
    expiresAt: dateOf(row.expiresAt),
    revokedAt: dateOf(row.revokedAt),
    retiresAt: dateOf(row.retiresAt),
    lastUsedAt: dateOf(row.lastUsedAt),
  }))
}

const dateOf = (time: RawTime | null) => (time === null ? null : new Date(time))

async function readGrants({ Grant }: TokenModels, ids: readonly string[]): Promise<Map<string, Grant[]>> {
  const attributes = ['tokenId', 'type', 'targetId']
  const rows = await Grant.findAll({ where: { tokenId: [...ids] }, attributes, raw: true })
  const grants = new Map<string, Grant[]>()
  for (const { tokenId, type, targetId: id } of rows) {
    grants.set(tokenId, [...(grants.get(tokenId) ?? []), { type, id }])
  }
  return grants
}

/** What the access decision says of the token at one instance. @param now epoch ms */
export function decideAt(
  { team }: Scope,
  standing: Standing,
  { instance, policy, now }: { instance: ScopeInstance; policy: TokenPolicy; now: number },
): Decision {
  const { facts: token, holder, member, approval, cuts } = standing
  if (!holder) return decide({ token, live: null, now })

  const override = member?.overrides.find(({ applicationId }) => applicationId === instance.applicationId)
  const live: LiveFacts = {
    user: holder,
    team,
    instance,
    teamRoleLevel: member?.roleLevel ?? null,
    overrideLevel: override?.roleLevel ?? null,
    policy,
    approved: approval?.state === 'approved',
    sso: member?.sso ?? (team.provider ? { provider: team.provider, signedInAt: member?.signedInAt ?? null } : null),
    cutOff: cuts.some(({ scopeType, scopeId }) => scopeId === (scopeType === 'team' ? team.id : instance.id)),
  }
  return decide({ token, live, now })
}

/**
 * One instance of each kind that the decision tells apart for this token. A team may have hundreds, which differ only in
 * the person's role, in being production, in an owner's cut and in how the token names them. They are sorted as they are
 * asked for: most often the first answers.
 */
export function* kindsOfInstances(
  { team }: Scope,
  { facts, member, cuts, instances }: Standing,
): Generator<ScopeInstance, void, void> {
  const levels = new Map(member?.overrides.map(({ applicationId, roleLevel }) => [applicationId, roleLevel]))
  const cutHere = new Set(cuts.filter(({ scopeType }) => scopeType === 'instance').map(({ scopeId }) => scopeId))
  const seen = new Set<string>()

  for (const instance of instances) {
    const types = grantsFor(facts, { instance, team }).map(({ type }) => type)
    const level = levels.get(instance.applicationId) ?? 'as in the team'
    const kind = `${level} ${instance.production} ${cutHere.has(instance.id)} ${types.sort().join()}`
    if (seen.has(kind)) continue

    seen.add(kind)
    yield instance
  }
}

/**
 * The most that the token is worth at any instance that it reaches here; where it is worth nothing, the refusal that
 * came last in the order of the rules. @param now epoch ms
 */
export function bestDecision(scope: Scope, standing: Standing, policy: TokenPolicy, now: number): Decision {
  // Where there is no instance yet, the decision still tells whether the token itself has ended, which it then has everywhere.
  let best = decide({ token: standing.facts, live: null, now })
  if (best.rules.at(-1)?.rule !== 'instance_exists') return best

  for (const instance of kindsOfInstances(scope, standing)) {
    best = better(best, decideAt(scope, standing, { instance, policy, now }))
    // More than its cap it is nowhere.
    if (best.allowed && best.role === standing.facts.role) break
  }
  return best
}

function better(a: Decision, b: Decision): Decision {
  if (a.allowed && b.allowed) return ROLE_LEVELS[b.role] > ROLE_LEVELS[a.role] ? b : a
  if (a.allowed !== b.allowed) return a.allowed ? a : b
  return b.rules.length > a.rules.length ? b : a
}
