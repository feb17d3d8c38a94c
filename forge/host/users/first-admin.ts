import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import { UniqueConstraintError } from 'sequelize'

import type { CreateUser, User } from '../../contract/host.ts'
import type { HostStore } from '../store.ts'
import type { Passwords } from './passwords.ts'
import { presentUser } from './users.ts'

/** The one-time code of the set-up link. It is in the memory of this process only. */
export interface SetupCode {
  code: string
  /** Compares in constant time. */
  matches(presented: string): boolean
}

export function createSetupCode(): SetupCode {
  const code = randomBytes(24).toString('base64url')
  const expected = sha256(code)
  return { code, matches: (presented) => timingSafeEqual(sha256(presented), expected) }
}

/** Whether this forge has no user yet. */
export async function isSetupNeeded({ User }: HostStore): Promise<boolean> {
  return (await User.findOne({ attributes: ['id'] })) === null
}

/**
 * Creates the first user, an administrator; null when somebody was faster. However many try at once, by whatever code
 * and in however many processes, the one row of `first_admin` goes to one of them.
 */
export async function createFirstAdmin(
  store: HostStore,
  passwords: Passwords,
  input: Omit<CreateUser, 'admin'>,
): Promise<User | null> {
  if (!(await isSetupNeeded(store))) return null
  const { password, ...person } = input
  const passwordHash = await passwords.hash(password)

  try {
    return await store.db.transaction(async (transaction) => {
      await store.FirstAdmin.create({ slot: 1 }, { transaction })
      const user = await store.User.create(
        { ...person, name: person.name.trim(), admin: true, passwordHash },
        { transaction },
      )
      return presentUser(user)
    })
  } catch (error) {
    if (error instanceof UniqueConstraintError) return null
    throw error
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
