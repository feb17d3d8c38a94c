import { Op, type Transaction } from 'sequelize'

import type { PersonActor } from '../audit/actor.ts'
import { higherRole, knownRole, lowerRole } from '../contract/role.ts'
import type { TokenTargets } from '../contract/targets.ts'
import type { CreatedToken, RotateToken } from '../contract/token.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { askForApproval, loadApprovers, type ApprovalRequest } from './ask-approval.ts'
import { checkGraceQuota, insertToken, makeToken } from './issue.ts'
import { getToken } from './list-tokens.ts'
import type { TokenRow } from './model.ts'
import { stateOf } from './present.ts'
import { isReached, onlyTeamOf, reachOf } from './reach.ts'
import { grantsOf, ownTokenEntry, toolsOf } from './record.ts'
import { noSuchToken, type TokenStore } from './store.ts'
import { checkWish, listTargets, type TokenWish } from './wish.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/**
 * Replaces a token by a new one with the same restrictions and never more; the old one works until its grace ends,
 * and never beyond its own expiry. Of two rotations at once one wins.
 * @throws {ForgeError} not_found, conflict (ended, or rotated already), too_many_tokens, and what `checkWish` throws
 */
export async function rotateToken(
  store: TokenStore,
  actor: PersonActor,
  { id, ...input }: RotateToken & { id: string },
): Promise<CreatedToken> {
  const now = Date.now()
  const old = await store.models.Token.findOne({ where: { id, userId: actor.userId }, include: 'grants' })
  if (!old) throw noSuchToken()
  checkRotatable(old, now)

  const targets = await listTargets(store, actor.userId, actor.providerId)
  const wish = { ...sameAgain(old, targets, now), reason: input.reason }
  const teamIds = checkWish(targets, wish, now)
  const approvers = await loadApprovers(store, targets)
  const made = await makeToken(store)

  await store.db.transaction(async (transaction) => {
    const { retiresAt, retiresOnFirstUse } = graceOf(input, now)
    const hasGrace = retiresAt === null || retiresAt.getTime() > now
    if (hasGrace) await checkGraceQuota(store, actor.userId, transaction)

    // Without a grace there is no end of one to speak of later.
    const claim = { replacedById: made.id, retiresAt, retiresOnFirstUse, endNoted: !hasGrace }
    // Also unchanged: the successor copies what was read, and an owner may have been asked about less meanwhile.
    const still = { id, replacedById: null, revokedAt: null, endNoted: false, updatedAt: old.updatedAt }
    const [claimed] = await store.models.Token.update(claim, { where: still, transaction })
    if (claimed === 0) throw changedMeanwhile()

    const { name, description, familyId } = old
    const teamId = onlyTeamOf(targets, wish.grants)
    const inherits = { name, description, familyId, teamId, ownerId: actor.userId, endsGrace: retiresOnFirstUse }
    await insertToken(store, made, { ...wish, ...inherits }, transaction)
    await inheritCuts(store, { from: id, to: made.id }, transaction)

    const body = {
      successor: { id: made.id, selector: made.selector },
      graceEndsAt: retiresAt?.toISOString() ?? null,
      untilFirstUse: retiresOnFirstUse,
    }
    const entry = ownTokenEntry(actor, old, { targets, grants: wish.grants })
    await store.audit.write({ event: 'user.pat.rotated', ...entry, body }, transaction)

    const { grants, reason } = wish
    const request = { token: { id: made.id, name }, grants, reason, teamIds, targets, approvers }
    await inheritApprovals(store, actor, { from: id, request }, transaction)
  })

  return { ...(await getToken(store, actor.userId, made.id)), token: made.text }
}

/** Ends the grace of a token that was rotated, now. @throws {ForgeError} not_found, conflict (not in its grace) */
export async function endGrace(store: TokenStore, actor: PersonActor, id: string): Promise<void> {
  const now = new Date()
  const targets = await listTargets(store, actor.userId)

  await store.db.transaction(async (transaction) => {
    const row = await store.models.Token.findOne({
      where: { id, userId: actor.userId },
      include: 'grants',
      transaction,
    })
    if (!row) throw noSuchToken()
    if (stateOf(row, now.getTime()) !== 'retiring') throw notInGrace()

    // Of two at once, or of this and the first use of the new one, one ends it.
    const inGrace = { id, [Op.or]: [{ retiresAt: null }, { retiresAt: { [Op.gt]: now } }] }
    const [ended] = await store.models.Token.update({ retiresAt: now, endNoted: true }, { where: inGrace, transaction })
    if (ended === 0) throw notInGrace()

    const entry = ownTokenEntry(actor, row, { targets, grants: grantsOf(row) })
    await store.audit.write({ event: 'user.pat.grace-ended', ...entry, body: { because: 'owner' } }, transaction)
  })
}

const notInGrace = () => new ForgeError('conflict', 'This token is not in a grace that could end.')

const changedMeanwhile = () =>
  new ForgeError('conflict', 'This token was changed or rotated at this very moment. Look at it, and try again.')

const alreadyRotated = () =>
  new ForgeError('conflict', 'This token has been rotated already. Rotate the one that replaced it.')

const NOT_EXCHANGED = 'This token was exchanged for another one and lasts for minutes. Replace that one instead.'

/** @throws {ForgeError} conflict */
function checkRotatable(row: TokenRow, now: number): void {
  const state = stateOf(row, now)
  if (state === 'retiring') throw alreadyRotated()
  // Its successor would have no parent, and so no end with it.
  if (row.parentId !== null) throw new ForgeError('conflict', NOT_EXCHANGED)
  if (state !== 'active') throw new ForgeError('conflict', `This token is ${state}. Mint a new one instead.`)
}

/** The same restrictions for the same length of life, less what the person has lost or the teams no longer allow. */
function sameAgain(old: TokenRow, targets: TokenTargets, now: number): TokenWish {
  const grants = grantsOf(old).filter((grant) => isReached(targets, grant))
  if (grants.length === 0) throw new ForgeError('conflict', 'You reach nothing any more that this token was for.')

  const reach = reachOf(targets, grants)
  const held = reach.map(({ role }) => role).reduce(higherRole)
  const longestDays = Math.min(...reach.map(({ team }) => team.policy.maxLifetimeDays))
  const length = old.expiresAt && Math.min(old.expiresAt.getTime() - old.createdAt.getTime(), longestDays * DAY_MS)

  return {
    role: lowerRole(knownRole(old.roleLevel), held),
    readOnly: old.readOnly,
    tools: toolsOf(old),
    grants,
    expiresAt: length === null ? null : new Date(now + length),
  }
}

/** Owners approved these very restrictions, so their word goes over to the new token; only who has none is asked. */
async function inheritApprovals(
  store: TokenStore,
  actor: PersonActor,
  { from, request }: { from: string; request: ApprovalRequest },
  transaction: Transaction,
): Promise<void> {
  const to = request.token.id
  const given = await store.models.Approval.findAll({ where: { tokenId: from, state: 'approved' }, transaction })
  const teamIds = request.teamIds.filter((teamId) => !given.some((approval) => approval.teamId === teamId))
  await askForApproval(store, actor, { ...request, teamIds }, transaction)

  const inherited = given.map(({ teamId, reason: said, state, decidedBy, decidedAt }) => {
    return { tokenId: to, teamId, reason: said, state, decidedBy, decidedAt }
  })
  await store.models.Approval.bulkCreate(inherited, { transaction })
}

/** Where an owner has ended the old one, the new one is ended too: nobody sheds that by rotating, approvals in hand. */
async function inheritCuts(
  { models }: TokenStore,
  { from, to }: { from: string; to: string },
  transaction: Transaction,
): Promise<void> {
  const cuts = await models.Cut.findAll({ where: { tokenId: from }, transaction })
  const inherited = cuts.map(({ scopeType, scopeId, cutBy }) => ({ tokenId: to, scopeType, scopeId, cutBy }))
  await models.Cut.bulkCreate(inherited, { transaction })
}

function graceOf({ graceMinutes, untilFirstUse = false }: RotateToken, now: number) {
  const minutes = graceMinutes ?? (untilFirstUse ? null : 0)
  return {
    retiresAt: minutes === null ? null : new Date(now + minutes * MINUTE_MS),
    retiresOnFirstUse: untilFirstUse,
  }
}
