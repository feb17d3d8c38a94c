import type { Login, User } from '../../contract/host.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import type { HostStore } from '../store.ts'
import type { Passwords } from '../users/passwords.ts'
import { findUserByName, presentUser } from '../users/users.ts'
import type { AttemptLimit } from './attempt-limit.ts'

/**
 * The person whose user name (or e-mail address) and password these are. An unknown name costs what a wrong password
 * costs and is answered with the same words; that somebody is suspended is told only to who knows the password.
 * @throws {ForgeError} invalid_login, forbidden when suspended, too_many_requests
 */
export async function checkLogin(
  store: HostStore,
  { passwords, attempts }: { passwords: Passwords; attempts: AttemptLimit },
  { username, password, address }: Login & { address: string },
): Promise<User> {
  const attempt = attempts.begin(username, address)
  const user = await findUserByName(store, username)

  const matches = await passwords.matches(password, user?.passwordHash ?? null).catch((error: unknown) => {
    attempt.takeBack() // too busy to look is no wrong password
    throw error
  })
  if (!user || !matches) throw new ForgeError('invalid_login', 'The user name or the password is wrong.')
  if (user.suspended) throw new ForgeError('forbidden', 'This account is suspended. Ask an administrator.')

  attempt.takeBack()
  return presentUser(user)
}
