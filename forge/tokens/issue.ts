import { randomUUID } from 'node:crypto'

import { Op, type Transaction } from 'sequelize'

import { ROLE_LEVELS } from '../contract/role.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { lockByName } from '../sql/lock.ts'
import type { TokenRow } from './model.ts'
import { generateSecret, type StoredSecret } from './secret.ts'
import type { TokenStore } from './store.ts'
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

/** Writes a made token with its grants. */
export async function insertToken(
  { models }: TokenStore,
  { id, selector, stored }: Made,
  wish: TokenWish & { ownerId: string; name: string; description: string; familyId?: string; endsGrace?: boolean },
  transaction: Transaction,
): Promise<TokenRow> {
  const row = await models.Token.create(
    {
      ...stored,
      id,
      selector,
      userId: wish.ownerId,
      name: wish.name.trim(),
      description: wish.description.trim(),
      roleLevel: ROLE_LEVELS[wish.role],
      readOnly: wish.readOnly,
      expiresAt: wish.expiresAt,
      familyId: wish.familyId ?? id,
      endsGrace: wish.endsGrace ?? false,
    },
    { transaction },
  )
  await models.Grant.bulkCreate(
    wish.grants.map(({ type, id: targetId }) => ({ tokenId: id, type, targetId })),
    { transaction },
  )
  return row
}

/** @throws {ForgeError} too_many_tokens */
export async function checkQuota(
  { db, models, maxTokensPerUser }: TokenStore,
  ownerId: string,
  transaction: Transaction,
): Promise<void> {
  await lockByName(db, ownerId, transaction)

  const now = new Date()
  const live = await models.Token.count({
    where: {
      userId: ownerId,
      revokedAt: null,
      [Op.and]: [
        { [Op.or]: [{ expiresAt: null }, { expiresAt: { [Op.gt]: now } }] },
        { [Op.or]: [{ retiresAt: null }, { retiresAt: { [Op.gt]: now } }] },
      ],
    },
    transaction,
  })
  if (live < maxTokensPerUser) return

  throw new ForgeError('too_many_tokens', `You have ${live} tokens, as many as one person may. Revoke one first.`)
}
