import type { Transaction } from 'sequelize'

import type { PersonActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { Grant } from '../contract/grant.ts'
import type { TokenTargets } from '../contract/targets.ts'
import { tell } from '../notices/tell.ts'
import { instancesOf } from './reach.ts'
import type { TokenStore } from './store.ts'

/** Who decides, by the id of the team. */
export type Approvers = Map<string, string[]>

/** The owners of every team that wants to approve; read before a transaction is open, whose connection they don't need. */
export async function loadApprovers({ directory }: TokenStore, { teams }: TokenTargets): Promise<Approvers> {
  const asking = teams.filter(({ policy }) => policy.productionNeedsApproval)
  const owners = asking.map(async ({ id }) => [id, await directory.ownersOf(id)] as const)
  return new Map(await Promise.all(owners))
}

/** What somebody asks for: a token of theirs, in the teams that must approve it. */
export interface ApprovalRequest {
  token: { id: string; name: string }
  grants: readonly Grant[]
  reason: string | undefined
  teamIds: readonly string[]
  targets: TokenTargets
  approvers: Approvers
}

/** Asks the owners for their word, and tells them; what they said of a narrower token counts no more. */
export async function askForApproval(
  store: TokenStore,
  actor: PersonActor,
  request: ApprovalRequest,
  transaction: Transaction,
): Promise<void> {
  const { Approval } = store.models
  const { token, teamIds } = request
  const reason = request.reason?.trim() ?? ''

  await Approval.destroy({ where: { tokenId: token.id }, transaction })
  if (teamIds.length === 0) return

  const pending = teamIds.map((teamId) => ({ tokenId: token.id, teamId, state: 'pending' as const, reason }))
  await Approval.bulkCreate(pending, { transaction })

  const teams = request.targets.teams.filter(({ id }) => teamIds.includes(id))
  const production = (where: TokenTargets['teams']) =>
    instancesOf({ teams: where }, request.grants)
      .filter((instance) => instance.production)
      .map(({ id, name }) => ({ id, name }))
  const owner = { id: actor.userId, username: actor.username }
  // A team learns what reaches it, and nothing of the others.
  const logs = teams.map((team) => ({ ...teamLog(team), body: { instances: production([team]), reason } }))
  const entry = { actor, token: { ...token, owner }, body: { instances: production(teams), reason } }
  const event = 'user.pat.approval-requested'
  await store.audit.write({ event, ...entry, scopes: [ownLog(owner), ...logs] }, transaction)

  for (const team of teams) await tellOwners(store, actor, { request, team, reason }, transaction)
}

/** Whoever asks is not told of it, unless nobody else could decide. */
async function tellOwners(
  { db }: TokenStore,
  actor: PersonActor,
  { request, team, reason }: { request: ApprovalRequest; team: { id: string; name: string }; reason: string },
  transaction: Transaction,
): Promise<void> {
  const now = new Date()
  const owners = request.approvers.get(team.id) ?? []
  const others = owners.filter((userId) => userId !== actor.userId)
  const about = { token: request.token, team: { id: team.id, name: team.name }, instance: null }
  const body = { ...about, requester: actor.username, reason }
  // Asked anew is another request.
  const dedupeKey = `approval:${request.token.id}:${team.id}:${now.getTime()}`

  for (const userId of others.length > 0 ? others : owners) {
    await tell(db, { userId, kind: 'approval-requested', dedupeKey, body }, { transaction, now })
  }
}
