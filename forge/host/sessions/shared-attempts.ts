import { addressKey } from '../../limits/address-key.ts'
import type { Counts } from '../../limits/counts.ts'
import { tooManyAttempts, type AttemptLimit, type AttemptLimitOptions } from './attempt-limit.ts'

/**
 * The limit of failed sign-ins, counted one by one in the database: guesses that are spread over several forges are no
 * more than those at one. It costs a few writes, beside the hash of a password.
 */
export function createSharedAttemptLimit(
  counts: Counts,
  { max, maxFromAnywhere, windowMs }: AttemptLimitOptions,
): AttemptLimit {
  const take = async (key: string, limit: number) => {
    const taken = await counts.take(key, limit, windowMs / 1000)
    if (!taken.allowed) throw tooManyAttempts(taken.seconds)
  }

  return {
    async begin(name, address) {
      const anywhere = `sign-in ${name.toLowerCase()}`
      const here = `${anywhere} ${addressKey(address)}`
      // Whoever is refused here does not count against the person everywhere.
      await take(here, max)
      try {
        await take(anywhere, maxFromAnywhere)
      } catch (error) {
        await counts.giveBack(here)
        throw error
      }

      return {
        async takeBack() {
          await counts.giveBack(here)
          await counts.giveBack(anywhere)
        },
      }
    },
  }
}
