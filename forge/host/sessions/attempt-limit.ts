import { LRUCache } from 'lru-cache'

import { ForgeError } from '../../errors/forge-error.ts'

/** As many names as an attacker may fill before the oldest is forgotten: a few megabytes at most. */
const MAX_NAMES = 10_000

export interface AttemptLimitOptions {
  /** Attempts that may fail within a window. */
  max: number
  windowMs: number
}

export interface AttemptLimit {
  /**
   * Counts an attempt for a name before it is made, so that attempts side by side cannot slip through.
   * @throws {ForgeError} too_many_requests, with the time until the window ends
   */
  begin(name: string): Attempt
}

export interface Attempt {
  /** Takes the attempt out of the count: only failures count against a name. */
  succeeded(): void
}

/** Limits failed sign-ins per user name, whichever addresses they come from. Per process: a bound, not an account lock. */
export function createAttemptLimit({ max, windowMs }: AttemptLimitOptions): AttemptLimit {
  const windows = new LRUCache<string, { count: number; endsAt: number }>({ max: MAX_NAMES })

  return {
    begin(name) {
      const key = name.toLowerCase()
      const now = Date.now()
      const known = windows.get(key)
      const window = known && known.endsAt > now ? known : { count: 0, endsAt: now + windowMs }

      if (window.count >= max) {
        throw new ForgeError('too_many_requests', 'Too many failed attempts for this user. Wait a few minutes.', {
          retryAfterSeconds: Math.ceil((window.endsAt - now) / 1000),
        })
      }
      window.count += 1
      windows.set(key, window)
      return { succeeded: () => void (window.count -= 1) }
    },
  }
}
