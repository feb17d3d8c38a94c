import argon2 from 'argon2'

import { ForgeError } from '../../errors/forge-error.ts'

/** OWASP's minimum for argon2id: about 23 ms and 19 MiB for each. */
const ARGON2 = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/**
 * argon2 works on the few threads that the database and the file system use too; more than these at once are not
 * faster, they only starve the rest.
 */
const AT_ONCE = 2

/** Beyond this, answering "try again" beats a queue that nobody waits for: 50 are about a second of work. */
const MAX_WAITING = 50

/** A hash of nothing that anyone knows: what an unknown user's password is compared with. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$cb2gF/BWTsrfDpvO8tk6iA$pMI0S5VEY9QCWufK1TJLQAgUhIGadfQKKU8z8nyz5h4'

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
  const inTurn = createQueue()

  return {
    hash: (password) => inTurn(() => argon2.hash(password, ARGON2)),
    async matches(password, hash) {
      const matched = await inTurn(() => argon2.verify(hash ?? NOBODY, password))
      return matched && hash !== null
    },
  }
}

function createQueue() {
  const waiting: (() => void)[] = []
  let running = 0

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= AT_ONCE) {
      if (waiting.length >= MAX_WAITING) {
        throw new ForgeError('unavailable', 'Too many people sign in at once. Try again in a few seconds.', {
          retryAfterSeconds: 2,
        })
      }
      // Whoever leaves hands over the place, so `running` does not change.
      await new Promise<void>((resolve) => void waiting.push(resolve))
    } else {
      running += 1
    }

    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
