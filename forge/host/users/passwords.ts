import argon2 from 'argon2'

import { createPool } from '../../limits/pool.ts'

/** OWASP's minimum for argon2id: about 23 ms and 19 MiB for each. */
const ARGON2 = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/**
 * argon2 works on the few threads that the database and the file system use too; more than these at once are not
 * faster, they only starve the rest.
 */
const AT_ONCE = 2

/** Beyond this, answering "try again" beats a queue that nobody waits for: 50 are about a second of work. */
const MAX_WAITING = 50

/**
 * A hash of nothing that anyone knows: what an unknown user's password is compared with, and what stands in the place of
 * one for people who sign in elsewhere.
 */
export const UNUSABLE_PASSWORD =
  '$argon2id$v=19$m=19456,t=2,p=1$cb2gF/BWTsrfDpvO8tk6iA$pMI0S5VEY9QCWufK1TJLQAgUhIGadfQKKU8z8nyz5h4'

export interface Passwords {
  /** A PHC string to store. @throws {ForgeError} unavailable under too much load */
  hash(password: string): Promise<string>
  /**
   * Whether it is the password; `hash` is null for a user who does not exist, which takes just as long.
   * @throws {ForgeError} unavailable under too much load
   */
  matches(password: string, hash: string | null): Promise<boolean>
}

/** Hashes and checks passwords, a few at a time. */
export function createPasswords(): Passwords {
  const inTurn = createPool({
    concurrency: AT_ONCE,
    maxWaiting: MAX_WAITING,
    refusal: 'Too many people sign in at once. Try again in a few seconds.',
    retryAfterSeconds: 2,
  })

  return {
    hash: (password) => inTurn(() => argon2.hash(password, ARGON2)),
    async matches(password, hash) {
      const matched = await inTurn(() => argon2.verify(hash ?? UNUSABLE_PASSWORD, password))
      return matched && hash !== null
    },
  }
}
