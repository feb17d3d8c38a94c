import type { Login } from '../../contract/account.ts'
import type { User } from '../../contract/host.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import type { HostStore } from '../store.ts'
import type { Passwords } from '../users/passwords.ts'
import { findUserByName, presentUser } from '../users/users.ts'
import type { AttemptLimit } from './attempt-limit.ts'

/**
 * The person whose user name (or e-mail address) and password these are. An unknown name costs what a wrong password
 * costs and is answered with the same words; that somebody is suspended is told only to who knows the password.
 * @throws {ForgeError} invalid_login, forbidden when suspended, sso_required, too_many_requests
 */
export async function checkLogin(
  store: HostStore,
  { passwords, attempts }: { passwords: Passwords; attempts: AttemptLimit },
  { username, password, address }: Login & { address: string },
): Promise<User> {
  const attempt = await attempts.begin(username, address)
  const user = await findUserByName(store, username)

  const matches = await passwords.matches(password, user?.passwordHash ?? null).catch(async (error: unknown) => {
    await attempt.takeBack() // too busy to look is no wrong password
    throw error
  })
  if (!user || !matches) throw new ForgeError('invalid_login', 'The user name or the password is wrong.')
  if (user.suspended) throw new ForgeError('forbidden', 'This account is suspended. Ask an administrator.')

  await attempt.takeBack()
  if (!user.admin) await refuseLinked(store, user.id)
  return presentUser(user)
}

/**
 * Whoever has a provider comes through it: a password would be a way round being disabled there. Administrators keep
 * theirs, so that a provider that is down shuts nobody out for good.
 * @throws {ForgeError} sso_required, to who knows the password alone
 */
async function refuseLinked({ Identity, ScimUser, Provider }: HostStore, userId: string): Promise<void> {
  const where = { userId }
  const links = [...(await Identity.findAll({ where })), ...(await ScimUser.findAll({ where }))]
  const providerIds = links.map(({ providerId }) => providerId)
  const provider = await Provider.findOne({ where: { id: providerIds, enabled: true }, order: ['name'] })
  if (provider) throw new ForgeError('sso_required', `Sign in through ${provider.name}: your account is managed there.`)
}
