import { randomBytes } from 'node:crypto'

import type { Transaction } from 'sequelize'

import type { HostStore } from '../store.ts'
import { UNUSABLE_PASSWORD } from '../users/passwords.ts'
import type { UserRow } from '../users/model.ts'
import type { IdentityRow, ProviderRow } from './model.ts'
import { domainOf } from './providers.ts'
import { SsoRefusal } from './refusal.ts'
import { settingsOf } from './settings.ts'

/** What a provider has proved about somebody. */
export interface Proved {
  issuer: string
  subject: string
  username: string
  name: string
  email: string | null
  emailVerified: boolean
  /** Null when the provider said nothing of groups. */
  groups: string[] | null
  /** When the provider saw them prove who they are, epoch ms; null when it does not say. */
  authTime: number | null
  amr: string[]
}

/** The account that somebody has, or how they would come by one. */
export type Account =
  { how: 'linked'; user: UserRow; identity: IdentityRow } | { how: 'email'; user: UserRow } | { how: 'created' }

/**
 * Whose account it is: by issuer and subject; the first time by the e-mail address, and only one that the provider has
 * verified and that is in a domain of its own. Nobody else's link is ever taken over.
 * @throws {SsoRefusal}
 */
export async function findAccount(
  store: HostStore,
  provider: ProviderRow,
  proved: Proved,
  transaction: Transaction | null = null,
): Promise<Account> {
  const { issuer, subject } = proved
  const identity = await store.Identity.findOne({ where: { providerId: provider.id, issuer, subject }, transaction })
  if (identity) {
    const user = await store.User.findByPk(identity.userId, { transaction, rejectOnEmpty: true })
    return { how: 'linked', user, identity }
  }

  const email = await vouchedEmail(store, provider, proved, transaction)
  const user = await findByEmail(store, email, transaction)
  if (!user) {
    if (!settingsOf(provider).provisionUsers) throw new SsoRefusal('no_account')
    return { how: 'created' }
  }

  const key = { providerId: provider.id, userId: user.id }
  const known = await store.Identity.findOne({ where: key, transaction })
  // An address that was given to somebody new must not open the account of who had it before.
  if (known) throw new SsoRefusal('account_taken')
  return { how: 'email', user }
}

async function vouchedEmail(
  { Domain }: HostStore,
  provider: ProviderRow,
  { email, emailVerified }: Proved,
  transaction: Transaction | null,
): Promise<string> {
  if (email === null || !emailVerified) throw new SsoRefusal('email_not_verified')
  if (looksLikeAnother(email)) throw new SsoRefusal('email_not_verified')

  const domain = domainOf(email)
  const own = domain !== null && (await Domain.findOne({ where: { domain, providerId: provider.id }, transaction }))
  if (!own) throw new SsoRefusal('foreign_domain')
  return email
}

/** A Kelvin sign is a small k once it is compared: an address with one would open the account of another. */
export const looksLikeAnother = (email: string) => email.normalize('NFKC') !== email

export async function findByEmail(
  { db, User }: HostStore,
  email: string,
  transaction: Transaction | null,
): Promise<UserRow | null> {
  const where = db.where(db.fn('lower', db.col('email')), email.toLowerCase())
  return User.findOne({ where, transaction })
}

/** An account that no password opens, under a user name that is free. */
export async function createAccount(
  store: HostStore,
  { username, name, email }: { username: string; name: string; email: string },
  transaction: Transaction,
): Promise<UserRow> {
  const account = {
    username: await freeUsername(store, username, transaction),
    name: printableName(name) || username,
    email,
    admin: false,
    passwordHash: UNUSABLE_PASSWORD,
  }
  return store.User.create(account, { transaction })
}

/** As the provider has it, as far as a user name can be that, and with a short random end where somebody has it. */
async function freeUsername({ db, User }: HostStore, wished: string, transaction: Transaction): Promise<string> {
  const name =
    wished
      .replace(/@.*$/, '')
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9_.-]+/g, '')
      .slice(0, 40)
      .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '') || 'user'
  const where = db.where(db.fn('lower', db.col('username')), name.toLowerCase())
  if (!(await User.findOne({ where, transaction }))) return name
  return `${name.slice(0, 31)}-${randomBytes(4).toString('hex')}`
}

/** A name as `NameSchema` lets people type one. */
export function printableName(name: string): string {
  return name
    .replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, ' ')
    .trim()
    .slice(0, 100)
}
