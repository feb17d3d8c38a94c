import type { Caller } from '../caller.ts'
import type { OpenCall } from './tool-gate.ts'

/** A call or a list whose answer is on its way. */
export interface Pending {
  caller: Caller
  /** Null for what is not a call. */
  end: OpenCall | null
  tool: string
}

/** What waits for an answer, by the id that its client gave it. */
export type Unanswered = Map<string, Entry[]>

interface Entry extends Pending {
  settled(): void
}

/** What one request or connection of a session waits for. */
export interface Waiting {
  add(id: string | number, pending: Pending): void
  /** Whether the session waits for an answer to this id. */
  has(id: string | number): boolean
  /** The first that the session asked by this id; undefined when none is open. */
  settle(id: unknown): Pending | undefined
  /** Settles when each call that was added here is answered, or the time is over. */
  callsAnswered(patienceMs: number): Promise<void>
  /** What is left of them; nobody waits for it any more. */
  giveUp(): Pending[]
}

export function createWaiting(session: Unanswered): Waiting {
  const own = new Map<Entry, string>()
  let whenAnswered: (() => void)[] = []

  const isAnswered = () => ![...own.keys()].some(({ end }) => end !== null)

  function drop(entry: Entry, key: string): void {
    const others = (session.get(key) ?? []).filter((other) => other !== entry)
    if (others.length > 0) session.set(key, others)
    else session.delete(key)
    entry.settled()
  }

  function settled(entry: Entry): void {
    own.delete(entry)
    if (!isAnswered()) return
    for (const resolve of whenAnswered) resolve()
    whenAnswered = []
  }

  return {
    add: (id, pending) => {
      const key = JSON.stringify(id)
      const entry: Entry = { ...pending, settled: () => settled(entry) }
      own.set(entry, key)
      session.set(key, [...(session.get(key) ?? []), entry])
    },
    has: (id) => session.has(JSON.stringify(id)),
    settle: (id) => {
      const key = JSON.stringify(id)
      const first = session.get(key)?.[0]
      if (first) drop(first, key)
      return first
    },
    callsAnswered: async (patienceMs) => {
      if (patienceMs === 0 || isAnswered()) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs).unref()
        whenAnswered.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    },
    giveUp: () => {
      const left = [...own]
      for (const [entry, key] of left) drop(entry, key)
      return left.map(([entry]) => entry)
    },
  }
}
