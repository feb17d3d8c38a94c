import type { Transaction } from 'sequelize'

import type { PersonActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { TokenTargets } from '../contract/targets.ts'
import type { CreatedToken, CreateToken } from '../contract/token.ts'
import { askForApproval, loadApprovers } from './ask-approval.ts'
import { checkQuota, insertToken, makeToken, type Issuance } from './issue.ts'
import { getToken } from './list-tokens.ts'
import { onlyTeamOf, reachOf } from './reach.ts'
import type { TokenStore } from './store.ts'
import { checkWish, listTargets } from './wish.ts'

/**
 * Mints a token for the actor on the page; the answer is the only one that ever holds the secret.
 * @throws {ForgeError} what `mintToken` throws
 */
export async function createToken(store: TokenStore, actor: PersonActor, input: CreateToken): Promise<CreatedToken> {
  const { id, text } = await mintToken(store, actor, input)
  return { ...(await getToken(store, actor.userId, id)), token: text }
}

/** How minting is part of something else. */
export interface Minting {
  issuance: Issuance
  /** What of the person's targets it may reach. */
  within(targets: TokenTargets): TokenTargets
  /** The conditional write that lets this happen once; throws, and nothing is minted, when it has happened already. */
  claim(transaction: Transaction): Promise<void>
}

/**
 * Mints a token for the actor. All that can fail is done before the transaction.
 * @throws {ForgeError} invalid_expiry, not_found (a grant), role_too_high, policy_refused, reason_required,
 *   too_many_tokens
 */
export async function mintToken(
  store: TokenStore,
  actor: PersonActor,
  input: CreateToken,
  minting: Minting | null = null,
): Promise<{ id: string; text: string }> {
  const { name, description = '', role, readOnly, tools = null, grants, reason } = input
  const expiresAt = input.expiresAt === null ? null : new Date(input.expiresAt)
  const wish = { role, readOnly, tools, grants, reason, expiresAt }
  const all = await listTargets(store, actor.userId, actor.providerId)
  const targets = minting ? minting.within(all) : all
  const teamIds = checkWish(targets, wish, Date.now())
  const approvers = await loadApprovers(store, targets)
  const made = await makeToken(store)

  await store.db.transaction(async (transaction) => {
    await minting?.claim(transaction)
    await checkQuota(store, actor.userId, transaction)
    const issuance = minting?.issuance
    const teamId = onlyTeamOf(targets, grants)
    const about = { ownerId: actor.userId, teamId, name, description }
    await insertToken(store, made, { ...wish, ...about, issuance }, transaction)

    const owner = { id: actor.userId, username: actor.username }
    const body = {
      selector: made.selector,
      role,
      readOnly,
      tools,
      grants,
      expiresAt: expiresAt?.toISOString() ?? null,
      pending: teamIds.length > 0,
      ...(issuance ? { issuedVia: issuance.via, issuedTo: issuance.to } : {}),
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

  return { id: made.id, text: made.text }
}
