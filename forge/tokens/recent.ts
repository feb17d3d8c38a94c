/** An entry carries its place in the order of use itself: there may be a hundred thousand. */
export interface Linked<Entry> {
  readonly key: string
  newer: Entry | null
  older: Entry | null
}

export interface Recent<Entry> {
  readonly size: number
  /** The entry of a key. It counts as used now. */
  get(key: string): Entry | undefined
  /** Adds an entry whose key is not there yet, as the one that was used last. */
  add(entry: Entry): void
  /** Takes away the entry that was not used for longest. */
  dropOldest(): Entry | null
}

/**
 * Entries in the order in which they were used. It takes room as it grows: a forge that starts has nothing to hold, and
 * should not take the time to make room for a hundred thousand.
 */
export function createRecent<Entry extends Linked<Entry>>(): Recent<Entry> {
  const byKey = new Map<string, Entry>()
  let newest: Entry | null = null
  let oldest: Entry | null = null

  const unlink = (entry: Entry) => {
    if (entry.newer) entry.newer.older = entry.older
    else newest = entry.older
    if (entry.older) entry.older.newer = entry.newer
    else oldest = entry.newer
  }
  const link = (entry: Entry) => {
    entry.newer = null
    entry.older = newest
    if (newest) newest.newer = entry
    else oldest = entry
    newest = entry
  }

  return {
    get size() {
      return byKey.size
    },
    get(key) {
      const entry = byKey.get(key)
      if (!entry || entry === newest) return entry

      unlink(entry)
      link(entry)
      return entry
    },
    add(entry) {
      byKey.set(entry.key, entry)
      link(entry)
    },
    dropOldest() {
      const entry = oldest
      if (!entry) return null

      unlink(entry)
      byKey.delete(entry.key)
      return entry
    },
  }
}
