import { ownLog } from '../../../audit/entry.ts'
import { ForgeError } from '../../../errors/forge-error.ts'
import type { UserRow } from '../../users/model.ts'
import { UNUSABLE_PASSWORD } from '../../users/passwords.ts'
import { keepAnAdmin } from '../../users/users.ts'
import { createAccount, findByEmail, printableName, looksLikeAnother } from '../identities.ts'
import { domainOf } from '../providers.ts'
import { endSessions, withdrawSignIn } from '../withdraw.ts'
import { ScimRefusal } from './scim-error.ts'
import { addressOf, fullNameOf, type UserDocument } from './user-document.ts'
import { invalid } from './values.ts'
import type { Write } from './writing.ts'

/**
 * The account of somebody of whom a provider tells for the first time: the one that came through it as that subject,
 * else the one with the e-mail address, which must be in a domain of the provider, else a new one.
 * @throws {ScimRefusal}; forbidden for an administrator whom only a password has let in so far
 */
export async function accountFor(write: Write, document: UserDocument): Promise<UserRow> {
  const { scim, provider, transaction } = write
  const { store } = scim.sessions
  const email = await ownAddress(write, document)

  const known = await linkedAccount(write, document.externalId)
  const found = known ?? (await findByEmail(store, email, transaction))
  if (found) {
    if (await store.ScimUser.findOne({ where: { providerId: provider.id, userId: found.id }, transaction })) {
      throw new ScimRefusal('uniqueness', 'Another person of this provider has this account.')
    }
    if (!known && isAdminByPassword(found) && !(await isLinked(write, found))) {
      throw new ForgeError(
        'forbidden',
        'This is an administrator who signs in with a password: no provider takes that over.',
      )
    }
    if (!known) await recordLink(write, found, 'email')
    return found
  }

  const name = fullNameOf(document) ?? document.userName
  const user = await createAccount(store, { username: document.userName, name, email }, transaction)
  await recordLink(write, user, 'created')
  return user
}

async function recordLink({ scim, provider, actor, transaction }: Write, user: UserRow, how: 'created' | 'email') {
  const body = { provider: { id: provider.id, name: provider.name }, how }
  await scim.audit.write({ event: 'user.sso.linked', actor, scopes: [ownLog(user)], body }, transaction)
}

async function linkedAccount({ scim, provider, transaction }: Write, subject: string | null): Promise<UserRow | null> {
  const { Identity, User } = scim.sessions.store
  if (subject === null) return null
  const identity = await Identity.findOne({ where: { providerId: provider.id, subject }, transaction })
  return identity && User.findByPk(identity.userId, { transaction })
}

async function isLinked({ scim, provider, transaction }: Write, { id: userId }: UserRow): Promise<boolean> {
  const where = { providerId: provider.id, userId }
  return (await scim.sessions.store.Identity.findOne({ where, transaction })) !== null
}

/** The address of a person, which a provider vouches for in its own domains alone. @throws {ScimRefusal} invalidValue */
async function ownAddress(write: Write, document: UserDocument): Promise<string> {
  const email = addressOf(document)
  if (email === null || email.length > 254 || !/^[^\s\p{C}@]+@[^\s\p{C}@]+$/u.test(email)) {
    throw invalid('An e-mail address is needed, as the user name or in emails.')
  }
  if (looksLikeAnother(email)) throw invalid('The e-mail address has characters that stand for others.')
  if (!(await isOwnDomain(write, email))) throw invalid('The e-mail address is in no domain of this provider.')
  return email
}

async function isOwnDomain({ scim, provider, transaction }: Write, email: string): Promise<boolean> {
  const where = { domain: domainOf(email) ?? '', providerId: provider.id }
  return (await scim.sessions.store.Domain.findOne({ where, transaction })) !== null
}

/**
 * Whether the account is the provider's to name and to suspend: its address is in a domain of the provider, and it is no
 * administrator who signs in with a password.
 */
async function isTheirs(write: Write, user: UserRow): Promise<boolean> {
  return !isAdminByPassword(user) && (await isOwnDomain(write, user.email))
}

function isAdminByPassword({ admin, passwordHash }: UserRow): boolean {
  return admin && passwordHash !== UNUSABLE_PASSWORD
}

/** Lets name and address of the account follow what the provider says. @throws {ScimRefusal} */
export async function followNames(write: Write, user: UserRow, document: UserDocument): Promise<void> {
  if (!(await isTheirs(write, user))) return
  const { store } = write.scim.sessions
  const email = await ownAddress(write, document)
  const name = printableName(fullNameOf(document) ?? '') || user.name

  const other = await findByEmail(store, email, write.transaction)
  if (other && other.id !== user.id) throw new ScimRefusal('uniqueness', 'Another account has this e-mail address.')
  if (user.email !== email || user.name !== name) await user.update({ email, name }, { transaction: write.transaction })
}

/**
 * What `active: false` and a deletion do. An account that is the provider's is suspended: its sessions end, and its tokens
 * refuse as long as it is. Of any other the provider takes back what it has given: its sessions, and the sign-in
 * that tokens in its teams stand on.
 * @throws {ForgeError} conflict when nobody would be left to run the platform
 */
export async function suspend(write: Write, user: UserRow): Promise<void> {
  const { scim, provider, actor, transaction } = write
  const concerned = { provider, user, actor }
  if (!(await isTheirs(write, user))) {
    await endSessions(scim, concerned, { providerId: provider.id }, transaction)
    await withdrawSignIn(scim, concerned, transaction)
    return
  }
  if (user.suspended) return

  await keepAnAdmin(scim.sessions.store, user.id, transaction)
  await user.update({ suspended: true, suspendedBy: provider.id }, { transaction })
  await endSessions(scim, concerned, {}, transaction)
  await record(write, user, 'user.suspended')
}

/** What `active: true` does. Whom an administrator has suspended, no provider brings back. */
export async function reinstate(write: Write, user: UserRow): Promise<void> {
  if (!user.suspended || user.suspendedBy !== write.provider.id || !(await isTheirs(write, user))) return
  await user.update({ suspended: false, suspendedBy: null }, { transaction: write.transaction })
  await record(write, user, 'user.reinstated')
}

async function record(write: Write, user: UserRow, event: 'user.suspended' | 'user.reinstated'): Promise<void> {
  const { scim, provider, actor, transaction } = write
  const body = { provider: { id: provider.id, name: provider.name } }
  await scim.audit.write({ event, actor, scopes: [ownLog(user)], body }, transaction)
}
