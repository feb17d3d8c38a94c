import type { FastifyBaseLogger } from 'fastify'
import type { Sequelize } from 'sequelize'

import type { SecretKeys } from '../keys.ts'
import { createCounts, type Counts, type Sum } from './counts.ts'
import type { Quota } from './limit.ts'
import type { Window } from './windows.ts'

/** How often forges tell each other what they have counted. */
const EVERY_MS = 1_000
/** Keys that are told of at a time, the fullest first: a flood of made-up keys makes no flood of writes. */
const MAX_KEYS = 500
/** What is far from its quota is nobody else's business: it is told of from this part of the quota on. */
const SHARE = 0.1

/** Lets a limit hold for several forges together: what each has counted for a key is added up about once a second. */
export interface Exchange {
  /** Is told of a window in which something was counted. @param key of what and of whom, the same at every forge */
  note(key: string, window: Window, quota: Quota): void
  /** Adds up now what is waiting. Never fails: what could not be told waits for the next time. */
  tell(): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  window: Window
  quota: Quota
}

/** @param onError is told once when it begins to fail; meanwhile each forge counts for itself */
export function createExchange(counts: Counts, onError: (error: unknown) => void): Exchange {
  let waiting = new Map<string, Waiting>()
  let failing = false
  let telling: Promise<void> = Promise.resolve()

  const tell = async () => {
    const now = Date.now()
    const due = fullest([...waiting].filter(([, { window }]) => window.endsAt > now))
    waiting = new Map()
    if (due.length === 0) return

    const sent = new Map(due.map(([key, { window }]) => [key, { window, count: window.untold }]))
    const amounts = due.map(([key, { window }]) => ({
      key,
      count: window.untold,
      seconds: (window.endsAt - now) / 1000,
    }))
    try {
      for (const sum of await counts.add(amounts)) adopt(sum, sent.get(sum.key))
      failing = false
    } catch (error) {
      for (const [key, each] of due) if (!waiting.has(key)) waiting.set(key, each)
      if (!failing) onError(error)
      failing = true
    }
  }
  const tellInTurn = () => (telling = telling.then(tell))
  const timer = setInterval(() => void tellInTurn(), EVERY_MS)
  timer.unref()

  return {
    note(key, window, quota) {
      if (window.count >= quota.max * SHARE) waiting.set(key, { window, quota })
    },
    tell: tellInTurn,
    async close() {
      clearInterval(timer)
      await tellInTurn()
    },
  }
}

/** Null on SQLite, where one process is all there is. */
export function openExchange(db: Sequelize, keys: SecretKeys, log: Pick<FastifyBaseLogger, 'warn'>): Exchange | null {
  if (db.getDialect() !== 'postgres') return null
  return createExchange(createCounts(db, keys), (error) =>
    log.warn(error, 'limits hold for this forge alone: what others have counted cannot be read'),
  )
}

function fullest(all: [string, Waiting][]): [string, Waiting][] {
  if (all.length <= MAX_KEYS) return all
  const fullness = ([, { window, quota }]: [string, Waiting]) => window.count / quota.max
  return all.sort((one, other) => fullness(other) - fullness(one)).slice(0, MAX_KEYS)
}

/** What was counted here meanwhile comes on top of the sum. */
function adopt({ count, seconds }: Sum, sent: { window: Window; count: number } | undefined): void {
  if (!sent) return
  const { window } = sent
  window.untold -= sent.count
  window.count = count + window.untold
  window.endsAt = Date.now() + seconds * 1000
}
