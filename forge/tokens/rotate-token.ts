import type { CreatedToken, RotateToken } from '../contract/token.ts'
import { ROLE_LEVELS, roleFromLevel, type Role } from '../contract/role.ts'
import type { TokenTargets } from '../contract/targets.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { insertToken, makeToken } from './issue.ts'
import { getToken } from './list-tokens.ts'
import type { TokenRow } from './model.ts'
import { stateOf } from './present.ts'
import { higher, isReached, reachOf } from './reach.ts'
import { recordChange, type Actor } from './record.ts'
import { noSuchToken, type TokenStore } from './store.ts'
import { askForApproval, checkWish, listTargets, type TokenWish } from './wish.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/**
 * Replaces a token by a new one with the same restrictions and never more; the old one works until its grace ends,
 * and never beyond its own expiry. Of two rotations at once one wins.
 * @throws {ForgeError} not_found, conflict (ended, or rotated already), and what `checkWish` throws
 */
export async function rotateToken(
  store: TokenStore,
  actor: Actor,
  { id, ...input }: RotateToken & { id: string },
): Promise<CreatedToken> {
  const now = Date.now()
  const old = await store.models.Token.findOne({ where: { id, userId: actor.userId }, include: 'grants' })
  if (!old) throw noSuchToken()
  checkRotatable(old, now)

  const targets = await listTargets(store, actor.userId)
  const wish = { ...sameAgain(old, targets, now), reason: input.reason }
  const approvers = checkWish(targets, wish, now)
  const made = await makeToken(store)

  await store.db.transaction(async (transaction) => {
    const { retiresAt, retiresOnFirstUse } = graceOf(input, now)
    const claim = { replacedById: made.id, retiresAt, retiresOnFirstUse }
    const still = { id, replacedById: null, revokedAt: null }
    const [claimed] = await store.models.Token.update(claim, { where: still, transaction })
    if (claimed === 0) throw alreadyRotated()

    const { name, description, familyId } = old
    const inherits = { name, description, familyId, ownerId: actor.userId, endsGrace: retiresOnFirstUse }
    const row = await insertToken(store, made, { ...wish, ...inherits }, transaction)
    await askForApproval(store, made.id, { teamIds: approvers, reason: input.reason }, transaction)
    await recordChange(store, { event: 'user.pat.rotated', actor, row, body: { replaces: id, retiresAt } }, transaction)
  })

  return { ...(await getToken(store, actor.userId, made.id)), token: made.text }
}

/** Ends the grace of a token that was rotated, now. @throws {ForgeError} not_found, conflict (not in its grace) */
export async function endGrace(store: TokenStore, actor: Actor, id: string): Promise<void> {
  const now = new Date()
  await store.db.transaction(async (transaction) => {
    const row = await store.models.Token.findOne({ where: { id, userId: actor.userId }, transaction })
    if (!row) throw noSuchToken()
    if (stateOf(row, now.getTime()) !== 'retiring') {
      throw new ForgeError('conflict', 'This token is not in a grace that could end.')
    }

    await row.update({ retiresAt: now }, { transaction })
    await recordChange(store, { event: 'user.pat.graceEnded', actor, row, body: {} }, transaction)
  })
}

const alreadyRotated = () =>
  new ForgeError('conflict', 'This token has been rotated already. Rotate the one that replaced it.')

/** @throws {ForgeError} conflict */
function checkRotatable(row: TokenRow, now: number): void {
  const state = stateOf(row, now)
  if (state === 'retiring') throw alreadyRotated()
  if (state !== 'active') throw new ForgeError('conflict', `This token is ${state}. Mint a new one instead.`)
}

/** The same restrictions for the same length of life, less what the person has lost or the teams no longer allow. */
function sameAgain(old: TokenRow, targets: TokenTargets, now: number): TokenWish {
  const grants = (old.grants ?? [])
    .map(({ type, targetId }) => ({ type, id: targetId }))
    .filter((grant) => isReached(targets, grant))
  if (grants.length === 0) throw new ForgeError('conflict', 'You reach nothing any more that this token was for.')

  const reach = reachOf(targets, grants)
  const held = reach.map(({ role }) => role).reduce(higher)
  const longestDays = Math.min(...reach.map(({ team }) => team.policy.maxLifetimeDays))
  const length = old.expiresAt && Math.min(old.expiresAt.getTime() - old.createdAt.getTime(), longestDays * DAY_MS)

  return {
    role: lower(roleFromLevel(old.roleLevel) ?? held, held),
    readOnly: old.readOnly,
    grants,
    expiresAt: length === null ? null : new Date(now + length),
  }
}

function lower(a: Role, b: Role): Role {
  return ROLE_LEVELS[a] < ROLE_LEVELS[b] ? a : b
}

function graceOf({ graceMinutes, untilFirstUse = false }: RotateToken, now: number) {
  const minutes = graceMinutes ?? (untilFirstUse ? null : 0)
  return {
    retiresAt: minutes === null ? null : new Date(now + minutes * MINUTE_MS),
    retiresOnFirstUse: untilFirstUse,
  }
}
