import type { Exchange } from './exchange.ts'
import { createWindows } from './windows.ts'

/** So many within a window that begins with the first. */
export interface Quota {
  max: number
  windowSeconds: number
}

/** How much of a quota is left. */
export interface Usage {
  /** False for the first one too many, and those after it. */
  allowed: boolean
  remaining: number
  /** Seconds until the window ends, at least 1. */
  resetSeconds: number
}

/** Counts by key: a person, an instance, a selector, an address. */
export interface Limit {
  /** As the headers call it. */
  name: string
  quota: Quota
  /** Counts one more for a key. */
  take(key: string): Usage
  /** How many were not allowed so far, of all keys. */
  readonly refused: number
}

/** A few megabytes at most. */
const MAX_KEYS = 10_000

export interface LimitMemory {
  maxKeys?: number
  /** What adds up the counts of several forges; without it each counts for itself. */
  exchange?: Exchange | null
}

/** A limit in the memory of this process. */
export function createLimit(
  name: string,
  quota: Quota,
  { maxKeys = MAX_KEYS, exchange = null }: LimitMemory = {},
): Limit {
  const windows = createWindows({ windowMs: quota.windowSeconds * 1000, maxKeys })
  let refused = 0

  return {
    name,
    quota,
    take(key) {
      const now = Date.now()
      const window = windows.at(key, now)
      windows.count(key, window)
      exchange?.note(`${name} ${key}`, window, quota)
      const allowed = window.count <= quota.max
      if (!allowed) refused += 1

      return {
        allowed,
        remaining: Math.max(0, quota.max - window.count),
        resetSeconds: Math.ceil((window.endsAt - now) / 1000),
      }
    },
    get refused() {
      return refused
    },
  }
}
