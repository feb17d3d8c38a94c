import { UniqueConstraintError, type Transaction } from 'sequelize'

import type { Actor, ProviderActor } from '../../audit/actor.ts'
import { ownLog } from '../../audit/entry.ts'
import type { UserRow } from '../users/model.ts'
import { createAccount, findAccount, type Proved } from './identities.ts'
import { applyGroups } from './memberships.ts'
import type { ProviderRow } from './model.ts'
import { SsoRefusal } from './refusal.ts'
import { listenForScim } from './scim/standing.ts'
import type { Sso } from './sso.ts'

/** Where a request came from. */
export interface Origin {
  requestId: string
  address: string
}

export function providerActor({ id, name }: ProviderRow, origin: Origin): ProviderActor {
  return { type: 'identity-provider', providerId: id, providerName: name, ...origin }
}

/**
 * Lets somebody in whom a provider has proved: finds or makes their account, writes down the sign-in, and makes their
 * memberships what their groups say.
 * @returns the id of their account
 * @throws {SsoRefusal}
 */
export async function signInThrough(sso: Sso, provider: ProviderRow, proved: Proved, origin: Origin): Promise<string> {
  const actor = providerActor(provider, origin)
  const work = () =>
    sso.sessions.store.db.transaction((transaction) => enter(sso, { provider, proved, actor }, transaction))
  try {
    return await work()
  } catch (error) {
    // Two first sign-ins at once: the other one has made the account, so this one finds it.
    if (error instanceof UniqueConstraintError) return work()
    throw error
  }
}

interface Entering {
  provider: ProviderRow
  proved: Proved
  actor: Actor
}

async function enter(sso: Sso, { provider, proved, actor }: Entering, transaction: Transaction): Promise<string> {
  const { store } = sso.sessions
  const scim = await listenForScim(store, provider.id, transaction)
  const account = await findAccount(store, provider, proved, transaction)
  const user = account.how === 'created' ? await create(sso, proved, transaction) : account.user
  const word = await scim.about(user.id)
  if (user.suspended || word.disabled) throw new SsoRefusal('suspended')

  const managesTeams = (await store.ProviderTeam.count({ where: { providerId: provider.id }, transaction })) > 0
  const told = word.groups ?? proved.groups
  if (managesTeams && told === null) throw new SsoRefusal('groups_missing')

  const groups = told ?? []
  const seen = whatWasSeen(proved, groups)
  if (account.how === 'linked') await account.identity.update(seen, { transaction })
  else await store.Identity.create({ providerId: provider.id, userId: user.id, ...seen }, { transaction })

  const about = { actor, scopes: [ownLog(user)] as const }
  const body = { provider: { id: provider.id, name: provider.name } }
  const { how } = account
  if (how !== 'linked')
    await sso.audit.write({ event: 'user.sso.linked', ...about, body: { ...body, how } }, transaction)
  await sso.audit.write({ event: 'user.sso.signed-in', ...about, body }, transaction)
  await applyGroups(sso, { provider, user, groups, actor }, transaction)
  return user.id
}

/** What their identity keeps of this sign-in. */
function whatWasSeen({ issuer, subject, authTime, amr }: Proved, groups: string[]) {
  return {
    issuer,
    subject,
    signedInAt: new Date(),
    authTime: authTime === null ? null : new Date(authTime),
    amr: amr.join(' ').slice(0, 500) || null,
    groupsJson: JSON.stringify(groups),
  }
}

function create(
  { sessions: { store } }: Sso,
  { username, name, email }: Proved,
  transaction: Transaction,
): Promise<UserRow> {
  if (email === null) throw new SsoRefusal('email_not_verified')
  return createAccount(store, { username, name, email }, transaction)
}
