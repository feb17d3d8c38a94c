import { randomBytes } from 'node:crypto'

/** Numbers what is said, and remembers the last of it for whoever was away for a moment. */
export interface Ring<Item> {
  /** @returns the id of the item */
  add(item: Item): string
  /** Something was not said at all: what came before it is not remembered any more. */
  skip(): void
  /** The id of the latest item; of nothing yet, the one before the first. */
  latestId(): string
  /** What came after an id, oldest first; null when it is of another process, or too long ago to know. */
  since(id: string): { id: string; item: Item }[] | null
}

/** @param size so many items are remembered */
export function createRing<Item>(size: number): Ring<Item> {
  // Numbers begin anew with the process, so ids carry a name of the process.
  const epoch = randomBytes(8).toString('hex')
  const items: Item[] = []
  let last = 0
  let oldest = 0
  const idOf = (n: number) => `${epoch}-${n}`

  return {
    add(item) {
      items[last % size] = item
      last += 1
      return idOf(last)
    },
    skip() {
      items.length = 0
      oldest = last += 1
    },
    latestId: () => idOf(last),
    since(id) {
      const [, of, digits] = /^([0-9a-f]{16})-(\d{1,15})$/.exec(id) ?? []
      const n = Number(digits)
      if (of !== epoch || n < oldest || n > last || last - n > size) return null

      const missed: { id: string; item: Item }[] = []
      for (let next = n; next < last; next++) {
        const item = items[next % size]
        if (item !== undefined) missed.push({ id: idOf(next + 1), item })
      }
      return missed
    },
  }
}
