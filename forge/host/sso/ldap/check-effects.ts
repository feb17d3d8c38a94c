import type { Transaction } from 'sequelize'

import type { ProviderActor } from '../../../audit/actor.ts'
import { applyGroups } from '../memberships.ts'
import type { IdentityRow, ProviderRow } from '../model.ts'
import { listenForScim } from '../scim/standing.ts'
import type { Sso } from '../sso.ts'
import { endSessions, withdrawSignIn } from '../withdraw.ts'

/** Who pressed the button, or nobody. */
export type Origin = Pick<ProviderActor, 'requestId' | 'address'>

/** What a directory says of somebody by now. */
export interface Looked {
  identity: IdentityRow
  standing: 'there' | 'gone' | 'disabled'
  groups: string[]
}

export interface Effect extends Looked {
  provider: ProviderRow
  origin: Origin
  /** When the directory was asked: who has signed in since was there. */
  startedAt: Date
}

export const groupsIn = ({ groupsJson }: IdentityRow) => JSON.parse(groupsJson) as string[]

/** Ends the sessions of somebody, and lets their tokens wait until they sign in again. @returns whether that changed anything */
export function endAccess(sso: Sso, effect: Effect): Promise<boolean> {
  return stillSo(sso, effect, async (concerned, transaction) => {
    await endSessions(sso, concerned, { providerId: effect.provider.id }, transaction)
    await withdrawSignIn(sso, concerned, transaction)
    return true
  })
}

/** Makes somebody's memberships what their groups say by now. @returns whether the groups had changed */
export async function followGroups(sso: Sso, effect: Effect): Promise<boolean> {
  const { identity, groups } = effect
  if (isSame(groupsIn(identity), groups)) return false

  return stillSo(sso, effect, async (concerned, transaction, row) => {
    if (isSame(groupsIn(row), groups)) return false
    await row.update({ groupsJson: JSON.stringify(groups) }, { transaction })
    await applyGroups(sso, { ...concerned, groups }, transaction)
    return true
  })
}

type Work = (
  concerned: { provider: ProviderRow; user: { id: string; username: string }; actor: ProviderActor },
  transaction: Transaction,
  row: IdentityRow,
) => Promise<boolean>

/** In the order in which a sign-in takes its locks; what SCIM tells goes before what is looked up. */
function stillSo(sso: Sso, { provider, identity, origin, startedAt, standing }: Effect, work: Work): Promise<boolean> {
  const { store } = sso.sessions
  const { userId } = identity
  const actor: ProviderActor = {
    type: 'identity-provider',
    providerId: provider.id,
    providerName: provider.name,
    ...origin,
  }

  return store.db.transaction(async (transaction) => {
    const scim = await listenForScim(store, provider.id, transaction)
    const where = { providerId: provider.id, userId }
    const row = await store.Identity.findOne({ where, lock: transaction.LOCK.UPDATE, transaction })
    if (!row?.signedInAt || row.signedInAt > startedAt) return false
    if (standing === 'there' && (await scim.about(userId)).groups !== null) return false

    const user = await store.User.findByPk(userId, { transaction, rejectOnEmpty: true })
    return work({ provider, user, actor }, transaction, row)
  })
}

function isSame(some: string[], others: string[]): boolean {
  const set = new Set(some)
  return set.size === new Set(others).size && others.every((group) => set.has(group))
}
