import type { PersonActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { CreatedToken, CreateToken } from '../contract/token.ts'
import { askForApproval, loadApprovers } from './ask-approval.ts'
import { checkQuota, insertToken, makeToken } from './issue.ts'
import { getToken } from './list-tokens.ts'
import { reachOf } from './reach.ts'
import type { TokenStore } from './store.ts'
import { checkWish, listTargets } from './wish.ts'

/**
 * Mints a token for the actor; the answer is the only one that ever holds the secret.
 * @throws {ForgeError} invalid_expiry, not_found (a grant), role_too_high, policy_refused, reason_required,
 *   too_many_tokens
 */
export async function createToken(store: TokenStore, actor: PersonActor, input: CreateToken): Promise<CreatedToken> {
  const { name, description = '', role, readOnly, grants, reason } = input
  const wish = {
    role,
    readOnly,
    grants,
    reason,
    expiresAt: input.expiresAt === null ? null : new Date(input.expiresAt),
  }
  const targets = await listTargets(store, actor.userId)
  const teamIds = checkWish(targets, wish, Date.now())
  const approvers = await loadApprovers(store, targets)
  const made = await makeToken(store)

  await store.db.transaction(async (transaction) => {
    await checkQuota(store, actor.userId, transaction)
    await insertToken(store, made, { ...wish, ownerId: actor.userId, name, description }, transaction)

    const owner = { id: actor.userId, username: actor.username }
    const body = {
      selector: made.selector,
      role,
      readOnly,
      grants,
      expiresAt: wish.expiresAt?.toISOString() ?? null,
      pending: teamIds.length > 0,
    }
    // A team learns what reaches it, and nothing of the others.
    const teams = reachOf(targets, grants).map(({ team, grants: here }) => ({
      ...teamLog(team),
      body: { ...body, grants: here },
    }))
    const entry = { event: 'user.pat.created', actor, token: { id: made.id, name, owner }, body } as const
    await store.audit.write({ ...entry, scopes: [ownLog(owner), ...teams] }, transaction)

    const request = { token: { id: made.id, name: name.trim() }, grants, reason, teamIds, targets, approvers }
    await askForApproval(store, actor, request, transaction)
  })

  return { ...(await getToken(store, actor.userId, made.id)), token: made.text }
}
