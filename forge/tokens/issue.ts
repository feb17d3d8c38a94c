import { randomUUID } from 'node:crypto'

import { Op, type Transaction, type WhereOptions } from 'sequelize'

import type { Grant } from '../contract/grant.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { lockByName } from '../sql/lock.ts'
import type { TokenRow } from './model.ts'
import { generateSecret, type StoredSecret } from './secret.ts'
import type { TokenStore } from './store.ts'
import { keyOfWidest, widestOf } from './widest-grant.ts'
import type { TokenWish } from './wish.ts'

/** A token's text with what is kept of it, made before the database is touched. */
export interface Made {
  id: string
  selector: string
  stored: StoredSecret
  /** Shown once. */
  text: string
}

/** Makes a secret and hashes it: all that can fail or take time, before a transaction is open. */
export async function makeToken({ guard }: TokenStore): Promise<Made> {
  const { selector, secret, text } = generateSecret()
  return { id: randomUUID(), selector, stored: await guard.protect(secret), text }
}

/** How a token comes about otherwise than by being minted on the page. */
export interface Issuance {
  via: 'device' | 'exchange'
  /** The program that asked for it, or the instance that exchanges for it. */
  to: { id: string; name: string }
  parentId?: string
}

type WholeWish = TokenWish & {
  ownerId: string
  teamId: string | null
  name: string
  description: string
  familyId?: string
  endsGrace?: boolean
  issuance?: Issuance | undefined
}

/** Writes a made token with its grants. */
export async function insertToken(
  { models }: TokenStore,
  { id, selector, stored }: Made,
  wish: WholeWish,
  transaction: Transaction,
): Promise<TokenRow> {
  const row = await models.Token.create(
    {
      ...stored,
      id,
      selector,
      userId: wish.ownerId,
      teamId: wish.teamId,
      widestGrant: keyOfWidest(wish.grants),
      name: wish.name.trim(),
      description: wish.description.trim(),
      roleLevel: ROLE_LEVELS[wish.role],
      readOnly: wish.readOnly,
      tools: wish.tools && JSON.stringify(wish.tools),
      expiresAt: wish.expiresAt,
      familyId: wish.familyId ?? id,
      endsGrace: wish.endsGrace ?? false,
      ...(wish.issuance ? issuanceColumns(wish.issuance) : {}),
    },
    { transaction },
  )
  await insertGrants({ models }, { tokenId: id, teamId: wish.teamId, grants: wish.grants }, transaction)
  return row
}

/** Writes what a token reaches. @param teamId the one team that all of it is in; null when it is not so */
export async function insertGrants(
  { models }: Pick<TokenStore, 'models'>,
  { tokenId, teamId, grants }: { tokenId: string; teamId: string | null; grants: readonly Grant[] },
  transaction: Transaction,
): Promise<void> {
  const inOneTeam = teamId !== null
  const widest = widestOf(grants)
  await models.Grant.bulkCreate(
    grants.map((grant) => {
      const { type, id: targetId } = grant
      return { tokenId, type, targetId, inOneTeam, widest: grant === widest }
    }),
    { transaction },
  )
}

function issuanceColumns({ via, to, parentId }: Issuance) {
  // What a client says of itself is as long as it likes; its id has been checked.
  const columns = { issuedVia: via, issuedToId: to.id, issuedToName: to.name.slice(0, 100) }
  return parentId === undefined ? columns : { ...columns, parentId }
}

/** How many tokens a person may have, not counting those in their grace. @throws {ForgeError} too_many_tokens */
export async function checkQuota(store: TokenStore, ownerId: string, transaction: Transaction): Promise<void> {
  await lockByName(store.db, ownerId, transaction)
  // Those that come of an exchange have a limit of their own: flows make and forget them by themselves.
  const minted = { userId: ownerId, replacedById: null, issuedVia: { [Op.ne]: 'exchange' as const } }
  const active = await countLive(store, minted, transaction)
  if (active < store.maxTokensPerUser) return

  throw new ForgeError('too_many_tokens', `You have ${active} tokens, as many as one person may. Revoke one first.`)
}

/**
 * As many again may be in their grace: who has as many tokens as they may must be able to rotate all of them, and not
 * the same one without end.
 * @throws {ForgeError} too_many_tokens
 */
export async function checkGraceQuota(store: TokenStore, ownerId: string, transaction: Transaction): Promise<void> {
  await lockByName(store.db, ownerId, transaction)
  const retiring = await countLive(store, { userId: ownerId, replacedById: { [Op.ne]: null } }, transaction)
  if (retiring < store.maxTokensPerUser) return

  throw new ForgeError(
    'too_many_tokens',
    `${retiring} tokens that you replaced still work, as many as one person may have. End the grace of one first.`,
  )
}

/** How many of these tokens have not ended. */
export function countLive(
  { models }: TokenStore,
  where: WhereOptions<TokenRow>,
  transaction: Transaction | null = null,
): Promise<number> {
  const now = new Date()
  const live = [
    where,
    { revokedAt: null, endNoted: false },
    { [Op.or]: [{ expiresAt: null }, { expiresAt: { [Op.gt]: now } }] },
    { [Op.or]: [{ retiresAt: null }, { retiresAt: { [Op.gt]: now } }] },
  ]
  return models.Token.count({ where: { [Op.and]: live }, transaction })
}
