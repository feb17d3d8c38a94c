import type { Transaction } from 'sequelize'

import type { PersonActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { RevokedForTeam } from '../contract/oversight.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { tell } from '../notices/tell.ts'
import type { TokenRow } from '../tokens/model.ts'
import { stateOf } from '../tokens/present.ts'
import { grantsOf } from '../tokens/record.ts'
import type { TokenStore } from '../tokens/store.ts'
import { pageReaching } from './reaching.ts'
import { grantsHere, ownedInstance, ownedTeam, type Scope } from './scope.ts'

/** Ends a token for the team, and nowhere else. Ending it again changes nothing. @throws {ForgeError} not_found */
export async function cutForTeam(
  store: TokenStore,
  actor: PersonActor,
  { id, tokenId }: { id: string; tokenId: string },
): Promise<void> {
  await cut(store, actor, { scope: await ownedTeam(store.directory, actor.userId, id), tokenId })
}

/** Ends a token for one instance, and nowhere else. Ending it again changes nothing. @throws {ForgeError} not_found */
export async function cutForInstance(
  store: TokenStore,
  actor: PersonActor,
  { id, tokenId }: { id: string; tokenId: string },
): Promise<void> {
  await cut(store, actor, { scope: await ownedInstance(store.directory, actor.userId, id), tokenId })
}

/** A person has few tokens: there is a quota, and more of them would come with the next call. */
export const MAX_OF_PERSON = 1000

/**
 * Ends everything that a person holds for the team, and nothing elsewhere. Of somebody unknown it ends nothing.
 * @returns how many tokens it ended, and when it began to
 * @throws {ForgeError} not_found for a team that the actor does not own
 */
export async function cutAllOf(
  store: TokenStore,
  actor: PersonActor,
  { id, userId }: { id: string; userId: string },
): Promise<RevokedForTeam> {
  const scope = await ownedTeam(store.directory, actor.userId, id)
  const now = new Date()
  const theirs = { holder: userId, states: ['active', 'retiring'], limit: MAX_OF_PERSON, now } as const
  const { ids } = await pageReaching(store.db, scope, theirs)

  let revoked = 0
  for (const tokenId of ids) revoked += await cut(store, actor, { scope, tokenId })
  return { revoked, since: now.toISOString() }
}

/**
 * Ends a token here, with all of its family that still works: otherwise a rotation at the same moment, or a
 * predecessor in its grace, would go on with what the owner has just ended.
 * @returns how many tokens it ended
 */
async function cut(
  store: TokenStore,
  actor: PersonActor,
  { scope, tokenId }: { scope: Scope; tokenId: string },
): Promise<number> {
  const asked = await store.models.Token.findByPk(tokenId, { include: 'grants' })
  if (!asked || grantsHere(scope, grantsOf(asked)).length === 0) {
    throw new ForgeError('not_found', `No such token reaches this ${scope.type}.`)
  }
  const [owner] = await store.directory.people([asked.userId])
  const holder = { id: asked.userId, username: owner?.username ?? asked.userId }

  return store.db.transaction(async (transaction) => {
    let ended = 0
    for (const row of await lockFamily(store, asked.familyId, transaction)) {
      if (!(await insertCut(store, { row, scope, actor }, transaction))) continue
      await record(store, { row, scope, actor, holder }, transaction)
      ended += 1
    }
    return ended
  })
}

/**
 * All tokens of a family, which nobody rotates until the transaction ends. A rotation that was under way has added
 * one by the time that its lock is free, so they are read again until there is nothing new.
 */
async function lockFamily({ models }: TokenStore, familyId: string, transaction: Transaction): Promise<TokenRow[]> {
  let known = 0
  for (;;) {
    const rows = await models.Token.findAll({
      where: { familyId },
      include: { association: 'grants', separate: true },
      order: ['id'],
      lock: transaction.LOCK.UPDATE,
      transaction,
    })
    if (rows.length === known) return rows
    known = rows.length
  }
}

interface OneCut {
  row: TokenRow
  scope: Scope
  actor: PersonActor
}

/** False for what has ended already, here or everywhere, or does not reach here. */
async function insertCut({ models }: TokenStore, { row, scope, actor }: OneCut, transaction: Transaction) {
  const live = ['active', 'retiring'].includes(stateOf(row, Date.now()))
  if (!live || grantsHere(scope, grantsOf(row)).length === 0) return false

  const where = { tokenId: row.id, scopeType: scope.type, scopeId: scope.id }
  if (await models.Cut.findOne({ where, transaction })) return false
  await models.Cut.create({ ...where, cutBy: actor.userId }, { transaction })
  return true
}

async function record(
  { db, audit }: TokenStore,
  { row, scope, actor, holder }: OneCut & { holder: { id: string; username: string } },
  transaction: Transaction,
): Promise<void> {
  const { id, name } = row
  const place = { id: scope.id, name: scope.name }
  const body = { grants: grantsHere(scope, grantsOf(row)), instance: scope.type === 'instance' ? place : null }
  const entry = { actor, token: { id, name, owner: holder }, scopes: [ownLog(holder), teamLog(scope.team)] as const }
  await audit.write({ event: 'team.pat.revoked', ...entry, body }, transaction)

  const notice = { token: { id, name }, by: actor.username, reach: { ...place, type: scope.type } }
  const dedupeKey = `cut:${id}:${scope.type}:${scope.id}`
  await tell(db, { userId: row.userId, kind: 'token-revoked', dedupeKey, body: notice }, { transaction })
}
