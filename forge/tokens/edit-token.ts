import type { Transaction } from 'sequelize'

import { checkFresh } from '../access/session.ts'
import type { PersonActor } from '../audit/actor.ts'
import type { AuditUpdate } from '../contract/audit-events.ts'
import type { Grant } from '../contract/grant.ts'
import { knownRole, ROLE_LEVELS } from '../contract/role.ts'
import type { TokenTargets } from '../contract/targets.ts'
import type { Token, UpdateToken } from '../contract/token.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { askForApproval, loadApprovers } from './ask-approval.ts'
import { insertGrants } from './issue.ts'
import { getToken } from './list-tokens.ts'
import type { TokenRow } from './model.ts'
import { stateOf } from './present.ts'
import { isCovered, isReached, onlyTeamOf } from './reach.ts'
import { ownTokenEntry, toolsOf } from './record.ts'
import { noSuchToken, type TokenStore } from './store.ts'
import { keyOfWidest } from './widest-grant.ts'
import { checkExpiry, checkWish, listTargets, type TokenWish } from './wish.ts'

/**
 * Changes what is named. Narrowing is free. Widening (a higher cap, more grants, a later end, no longer read-only, more tools) is
 * minting: a fresh sign-in, the person's roles, the teams' policies and their owners' approval, all over again.
 * @throws {ForgeError} not_found, conflict (ended), reauthentication_required, and what `checkWish` throws
 */
export async function editToken(
  store: TokenStore,
  { actor, authenticatedAt }: Editor,
  { id, ...change }: UpdateToken & { id: string },
): Promise<Token> {
  const targets = await listTargets(store, actor.userId, actor.providerId)
  const approvers = await loadApprovers(store, targets)
  const now = Date.now()

  await store.db.transaction(async (transaction) => {
    const row = await lockLiveToken(store, { id, userId: actor.userId }, { now, transaction })
    const before = await wishOf(store, row, transaction)
    const after = { ...before, ...changesOf(change) }

    const widened = isWider(before, after, targets)
    if (widened) {
      checkFresh(authenticatedAt, now)
      const teamIds = checkWish(targets, after, now)
      const { grants, reason } = after
      const request = { token: { id, name: row.name }, grants, reason, teamIds, targets, approvers }
      await askForApproval(store, actor, request, transaction)
    }
    checkExpiry(after.expiresAt, now)

    const named = namesIn(change, row)
    const isRenamed = named.name !== row.name || named.description !== row.description
    if (!isRenamed && differences(before, after).length === 0) return
    await writeChange(store, row, { change, named, after, targets }, transaction)
    await recordChange(store, actor, { row, targets, widened, before, after }, transaction)
  })

  return getToken(store, actor.userId, id)
}

/** Who edits, and when they last proved who they are (epoch ms). */
export interface Editor {
  actor: PersonActor
  authenticatedAt: number
}

const NOT_EXCHANGED = 'This token was exchanged for another one and lasts for minutes. Change that one instead.'

async function lockLiveToken(
  { models }: TokenStore,
  mine: { id: string; userId: string },
  { now, transaction }: { now: number; transaction: Transaction },
): Promise<TokenRow> {
  const row = await models.Token.findOne({ where: mine, lock: transaction.LOCK.UPDATE, transaction })
  if (!row) throw noSuchToken()
  if (row.parentId !== null) throw new ForgeError('conflict', NOT_EXCHANGED)
  if (['active', 'retiring'].includes(stateOf(row, now))) return row

  throw new ForgeError('conflict', 'This token has ended and can be changed no more.')
}

/** A token as the wish that it once was. */
async function wishOf({ models }: TokenStore, row: TokenRow, transaction: Transaction): Promise<TokenWish> {
  const grants = await models.Grant.findAll({ where: { tokenId: row.id }, transaction })
  return {
    role: knownRole(row.roleLevel),
    readOnly: row.readOnly,
    tools: toolsOf(row),
    grants: grants.map(({ type, targetId }) => ({ type, id: targetId })),
    expiresAt: row.expiresAt,
  }
}

function changesOf({ role, readOnly, tools, grants, expiresAt, reason }: UpdateToken): Partial<TokenWish> {
  return {
    ...(role === undefined ? {} : { role }),
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(tools === undefined ? {} : { tools }),
    ...(grants === undefined ? {} : { grants }),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt === null ? null : new Date(expiresAt) }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Whether a token would be worth more than before, anywhere, ever. */
function isWider(before: TokenWish, after: TokenWish, targets: TokenTargets): boolean {
  const end = ({ expiresAt }: TokenWish) => expiresAt?.getTime() ?? Infinity

  return (
    ROLE_LEVELS[after.role] > ROLE_LEVELS[before.role] ||
    (before.readOnly && !after.readOnly) ||
    hasMoreTools(before, after) ||
    end(after) > end(before) ||
    after.grants.some((grant) => !isCovered(targets, before.grants, grant))
  )
}

/** Null stands for every tool that there is or will be. */
function hasMoreTools({ tools: before }: TokenWish, { tools: after }: TokenWish): boolean {
  return before !== null && (after === null || after.some((tool) => !before.includes(tool)))
}

/** What it is called from now on. */
function namesIn({ name, description }: UpdateToken, row: TokenRow): Pick<TokenRow, 'name' | 'description'> {
  return { name: name?.trim() ?? row.name, description: description?.trim() ?? row.description }
}

function differences(before: TokenWish, after: TokenWish): AuditUpdate[] {
  const keys = ['role', 'readOnly', 'tools', 'grants', 'expiresAt'] as const
  return keys
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => ({ key, old: before[key], new: after[key] }))
}

interface Change {
  row: TokenRow
  targets: TokenTargets
  widened: boolean
  before: TokenWish
  after: TokenWish
}

/** In the person's own log as a whole; a team learns what reaches it, and nothing of the others. */
async function recordChange(
  { audit }: TokenStore,
  actor: PersonActor,
  { row, targets, widened, before, after }: Change,
  transaction: Transaction,
): Promise<void> {
  const entry = ownTokenEntry(actor, row, { targets, grants: [...before.grants, ...after.grants] })
  const [own, ...teams] = entry.scopes
  const scopes = teams.map((team) => {
    const part = (wish: TokenWish) => ({ ...wish, grants: grantsIn(targets, team.id, wish.grants) })
    return { ...team, body: { widened, updates: differences(part(before), part(after)) } }
  })
  const body = { widened, updates: differences(before, after) }
  await audit.write({ event: 'user.pat.updated', ...entry, scopes: [own, ...scopes], body }, transaction)
}

/** Those of the grants that reach something in one team. */
function grantsIn(targets: TokenTargets, teamId: string, grants: readonly Grant[]): Grant[] {
  const ofTeam = { teams: targets.teams.filter(({ id }) => id === teamId) }
  return grants.filter((grant) => isReached(ofTeam, grant))
}

interface Written {
  change: UpdateToken
  named: Pick<TokenRow, 'name' | 'description'>
  after: TokenWish
  targets: TokenTargets
}

async function writeChange(
  { models }: TokenStore,
  row: TokenRow,
  { change, named, after, targets }: Written,
  transaction: Transaction,
): Promise<void> {
  const { role, readOnly, expiresAt, grants } = after
  const tools = after.tools && JSON.stringify(after.tools)
  await row.update({ ...named, readOnly, tools, expiresAt, roleLevel: ROLE_LEVELS[role] }, { transaction })
  if (change.grants === undefined) return

  await models.Grant.destroy({ where: { tokenId: row.id }, transaction })
  const teamId = onlyTeamOf(targets, grants)
  await insertGrants({ models }, { tokenId: row.id, teamId, grants }, transaction)
  // Not through `row`: it would skip a note that is as before, which the trigger has just taken away.
  const where = { id: row.id }
  await models.Token.update({ teamId, widestGrant: keyOfWidest(grants) }, { where, transaction })
}
