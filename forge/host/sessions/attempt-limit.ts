import { ForgeError } from '../../errors/forge-error.ts'
import { addressKey } from '../../limits/address-key.ts'
import { createWindows, type Window } from '../../limits/windows.ts'

/** A few megabytes at most. */
const MAX_COUNTS = 20_000

export interface AttemptLimitOptions {
  /** Attempts for one name that may fail from one address within a window. */
  max: number
  /** The same from all addresses together; much higher, so that no one else can lock a person out from afar. */
  maxFromAnywhere: number
  windowMs: number
}

export interface AttemptLimit {
  /**
   * Counts an attempt for a name before it is made, so that attempts side by side cannot slip through.
   * @throws {ForgeError} too_many_requests, with the time until the window ends
   */
  begin(name: string, address: string): Promise<Attempt>
}

export interface Attempt {
  /** Takes the attempt out of the count: only wrong passwords count against a name. */
  takeBack(): Promise<void>
}

/** @param seconds until the window ends */
export const tooManyAttempts = (seconds: number) =>
  new ForgeError('too_many_requests', 'Too many failed attempts for this user. Wait a few minutes.', {
    retryAfterSeconds: seconds,
  })

/** Limits failed sign-ins per user name in the memory of this process: a bound, not an account lock. */
export function createAttemptLimit({ max, maxFromAnywhere, windowMs }: AttemptLimitOptions): AttemptLimit {
  const windows = createWindows({ windowMs, maxKeys: MAX_COUNTS })

  function open(key: string, limit: number, now: number): Window {
    const window = windows.at(key, now)
    if (window.count < limit) return window

    throw tooManyAttempts(Math.ceil((window.endsAt - now) / 1000))
  }

  return {
    async begin(name, address) {
      const now = Date.now()
      const anywhere = name.toLowerCase()
      const here = `${anywhere} ${addressKey(address)}`
      // Both are looked at before either is counted.
      const counted: [string, Window][] = [
        [here, open(here, max, now)],
        [anywhere, open(anywhere, maxFromAnywhere, now)],
      ]

      for (const [key, window] of counted) windows.count(key, window)
      return {
        takeBack: async () => {
          for (const [, window] of counted) window.count -= 1
        },
      }
    },
  }
}
