import { checkFresh } from '../access/session.ts'
import type { PersonActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { DecideApproval } from '../contract/oversight.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { tell } from '../notices/tell.ts'
import { stateOf } from '../tokens/present.ts'
import type { TokenStore } from '../tokens/store.ts'
import { ownedTeam, type Scope } from './scope.ts'
import { loadStandings, type Standing } from './standing.ts'

/** An owner's word on a token. `authenticatedAt`: when they last proved who they are, epoch ms. */
export interface Word extends DecideApproval {
  teamId: string
  tokenId: string
  authenticatedAt: number
}

/**
 * Approves or denies a token for the team's production instances. Of several owners at once one decides. Who asked for
 * it does not approve it, unless no other owner could: four eyes where there are four.
 * @throws {ForgeError} not_found, reauthentication_required, sso_required, forbidden (their own), conflict (decided already, replaced
 *   by another request, or the token has ended)
 */
export async function decideApproval(store: TokenStore, actor: PersonActor, word: Word): Promise<void> {
  const scope = await ownedTeam(store.directory, actor.userId, word.teamId)
  const [standing] = await loadStandings(store, scope, [word.tokenId])
  if (!standing?.approval) throw new ForgeError('not_found', 'Nobody has asked for this approval.')

  if (word.decision === 'approve') {
    checkFresh(word.authenticatedAt, Date.now())
    checkSignIn(scope, actor)
    checkLive(standing)
    await checkFourEyes(store, actor, { scope, standing })
  }
  await write(store, actor, { scope, standing, word })
}

/** Whoever lets a token into the team came through its identity provider too. @throws {ForgeError} sso_required */
function checkSignIn({ name, team: { provider } }: Scope, { providerId }: PersonActor): void {
  if (!provider || provider.id === providerId) return
  throw new ForgeError('sso_required', `${name} is reached through ${provider.name} alone. Sign in there first.`)
}

/** @throws {ForgeError} conflict */
function checkLive({ row }: Standing): void {
  const state = stateOf(row, Date.now())
  if (state !== 'active' && state !== 'retiring') {
    throw new ForgeError('conflict', `This token is ${state}. There is nothing to approve any more.`)
  }
}

/** @throws {ForgeError} forbidden */
async function checkFourEyes(
  { directory }: TokenStore,
  { userId }: PersonActor,
  { scope, standing }: { scope: Scope; standing: Standing },
): Promise<void> {
  if (standing.row.userId !== userId) return

  const owners = await directory.people(await directory.ownersOf(scope.team.id))
  if (owners.every(({ id, suspended }) => id === userId || suspended)) return
  throw new ForgeError('forbidden', 'This is your own token. Another owner of the team must approve it.')
}

async function write(
  store: TokenStore,
  actor: PersonActor,
  { scope, standing, word }: { scope: Scope; standing: Standing; word: Word },
): Promise<void> {
  const { db, models } = store
  const { tokenId, requestedAt, decision } = word
  const now = new Date()

  await db.transaction(async (transaction) => {
    const state = decision === 'approve' ? ('approved' as const) : ('denied' as const)
    // Without the time that the owner saw, the time that was read a moment ago: never a request that nobody has seen.
    const createdAt = requestedAt === undefined ? standing.approval?.createdAt : new Date(requestedAt)
    const asked = { tokenId, teamId: scope.team.id, state: 'pending' as const, ...(createdAt ? { createdAt } : {}) }
    const said = { state, decidedBy: actor.userId, decidedAt: now }
    const [decided] = await models.Approval.update(said, { where: asked, transaction })
    if (decided === 0) {
      throw new ForgeError(
        'conflict',
        'Another owner has decided this already, or it was asked anew. Look at it again.',
      )
    }
    await record(store, actor, { scope, standing, word, now }, transaction)
  })
}

type Transaction = Parameters<TokenStore['audit']['write']>[1]

async function record(
  { db, audit }: TokenStore,
  actor: PersonActor,
  { scope, standing, word, now }: { scope: Scope; standing: Standing; word: Word; now: Date },
  transaction: Transaction,
): Promise<void> {
  const { row, holder, approval } = standing
  const { id, name } = row
  const owner = { id: row.userId, username: holder?.username ?? row.userId }
  const instances = standing.instances.filter(({ production }) => production).map(({ id, name }) => ({ id, name }))

  const entry = { actor, token: { id, name, owner }, scopes: [ownLog(owner), teamLog(scope.team)] as const }
  await (word.decision === 'approve'
    ? audit.write({ event: 'user.pat.approval-granted', ...entry, body: { instances } }, transaction)
    : audit.write(
        { event: 'user.pat.approval-declined', ...entry, body: { instances, reason: word.reason?.trim() ?? '' } },
        transaction,
      ))

  const decision = word.decision === 'approve' ? ('approved' as const) : ('refused' as const)
  const team = { id: scope.team.id, name: scope.team.name }
  const body = { token: { id, name }, team, instance: null, decision, by: actor.username }
  const dedupeKey = `decided:${id}:${team.id}:${approval?.createdAt.getTime() ?? now.getTime()}`
  await tell(db, { userId: row.userId, kind: 'approval-decided', dedupeKey, body }, { transaction, now })
}
