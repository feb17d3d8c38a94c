/** Carries the news that something was deleted to whoever keeps things about it. */
export interface Deletions {
  listen(listener: () => Promise<void>): void
  /** To be called once the deletion is committed. */
  announce(): Promise<void>
}

export function createDeletions(): Deletions {
  const listeners: (() => Promise<void>)[] = []

  return {
    listen: (listener) => void listeners.push(listener),
    async announce() {
      for (const listener of listeners) await listener()
    },
  }
}
