import type { ChangePassword } from '../../contract/account.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import type { AttemptLimit } from '../sessions/attempt-limit.ts'
import type { Person } from '../sessions/person.ts'
import { endSessionsOf } from '../sessions/sessions.ts'
import type { HostStore } from '../store.ts'
import type { Passwords } from './passwords.ts'

interface Guards {
  passwords: Passwords
  attempts: AttemptLimit
}

/**
 * Gives the signed-in person a new password and ends their other sessions.
 * @throws {ForgeError} invalid_login when the current one is wrong, too_many_requests after too many wrong ones
 */
export async function changePassword(
  store: HostStore,
  { passwords, attempts }: Guards,
  { userId, sessionId }: Person,
  { currentPassword, newPassword, address }: ChangePassword & { address: string },
): Promise<void> {
  const user = await store.User.findByPk(userId, { rejectOnEmpty: true })

  // The same count as at the sign-in: a stolen session must not be a way round it.
  const attempt = await attempts.begin(user.username, address)
  if (!(await passwords.matches(currentPassword, user.passwordHash))) {
    throw new ForgeError('invalid_login', 'The current password is wrong.')
  }
  await attempt.takeBack()

  const passwordHash = await passwords.hash(newPassword)
  await store.db.transaction(async (transaction) => {
    await user.update({ passwordHash }, { transaction })
    await endSessionsOf(store, userId, { except: sessionId, transaction })
  })
}
