import type { CreatedToken, CreateToken } from '../contract/token.ts'
import { checkQuota, insertToken, makeToken } from './issue.ts'
import { getToken } from './list-tokens.ts'
import { recordChange, type Actor } from './record.ts'
import type { TokenStore } from './store.ts'
import { askForApproval, checkWish, listTargets } from './wish.ts'

/**
 * Mints a token for the actor; the answer is the only one that ever holds the secret.
 * @throws {ForgeError} invalid_expiry, not_found (a grant), role_too_high, policy_refused, reason_required,
 *   too_many_tokens
 */
export async function createToken(store: TokenStore, actor: Actor, input: CreateToken): Promise<CreatedToken> {
  const { name, description = '', role, readOnly, grants, reason } = input
  const wish = { role, readOnly, grants, reason, expiresAt: input.expiresAt === null ? null : new Date(input.expiresAt) }
  const teamIds = checkWish(await listTargets(store, actor.userId), wish, Date.now())
  const made = await makeToken(store)

  await store.db.transaction(async (transaction) => {
    await checkQuota(store, actor.userId, transaction)
    const row = await insertToken(store, made, { ...wish, ownerId: actor.userId, name, description }, transaction)
    await askForApproval(store, made.id, { teamIds, reason }, transaction)
    await recordChange(store, { event: 'user.pat.created', actor, row, body: { role, readOnly, grants } }, transaction)
  })

  return { ...(await getToken(store, actor.userId, made.id)), token: made.text }
}
