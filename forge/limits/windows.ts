import { LRUCache } from 'lru-cache'

/** A span of time that begins with what is counted first in it. */
export interface Window {
  count: number
  /** Of these, what other forges have not been told of yet. */
  untold: number
  /** Epoch ms. */
  endsAt: number
}

export interface Windows {
  /** The window that is open for a key, or a new one. @param now epoch ms */
  at(key: string, now: number): Window
  /** Counts one more. Before that nothing is kept of a new window. */
  count(key: string, window: Window): void
}

/** Counts by key in the memory of this process. @param maxKeys of more the least recently used go first */
export function createWindows({ windowMs, maxKeys }: { windowMs: number; maxKeys: number }): Windows {
  // Room for all keys is taken at once, so it waits for the first: most limits never see one.
  let windows: LRUCache<string, Window> | null = null

  return {
    at: (key, now) => {
      const known = windows?.get(key)
      return known && known.endsAt > now ? known : { count: 0, untold: 0, endsAt: now + windowMs }
    },
    count: (key, window) => {
      window.count += 1
      window.untold += 1
      if (window.count > 1) return // it is kept already
      windows ??= new LRUCache({ max: maxKeys })
      windows.set(key, window)
    },
  }
}
