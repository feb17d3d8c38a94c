import type { AuditBodies } from '../contract/audit.ts'
import type { Actor } from './actor.ts'
import { PLATFORM_SCOPE, type AuditEntry, type AuditedToken, type AuditScope } from './entry.ts'

type RefusedBody = AuditBodies['user.pat.refused']

/** A real token was presented and refused. */
export interface Refusal {
  /** The instance that presented it, or whoever did. */
  actor: Actor
  token: AuditedToken
  scopes: readonly [AuditScope<RefusedBody>, ...AuditScope<RefusedBody>[]]
  /** The rule that refused, or `wrong_secret`. */
  reason: string
  instance: RefusedBody['instance']
}

export interface Refusals {
  /** Costs the caller nothing: it is written in the background. */
  note(refusal: Refusal): void
  /** Writes what has been counted and not written. */
  flush(): Promise<void>
  /** Stops the timer and writes the rest. */
  close(): Promise<void>
}

const WINDOW_MS = 60_000

/** Refusals that are told apart within a minute; further ones are only counted, so that the disk is safe all the same. */
const MAX_KINDS = 1_000

interface Counted {
  refusal: Refusal
  count: number
  /** Epoch ms. */
  since: number
}

/**
 * Writes the first refusal of a token for a reason at an instance at once, and those that repeat it within a minute as
 * one entry with their number, so that nobody fills the disk by presenting a refused token again and again.
 * @param write appends an entry, in a transaction of its own
 * @param onError is told when that failed
 */
export function createRefusals(
  write: (entry: AuditEntry) => Promise<void>,
  onError: (error: unknown) => void,
  maxKinds = MAX_KINDS,
): Refusals {
  let counted = new Map<string, Counted>()
  let dropped = { count: 0, since: 0 }
  let writing: Promise<unknown> = Promise.resolve()

  const append = (entry: AuditEntry) => {
    writing = writing.then(() => write(entry)).catch(onError)
  }

  const note = (refusal: Refusal) => {
    const now = Date.now()
    const key = JSON.stringify([refusal.token.id, refusal.reason, refusal.instance?.id])
    const before = counted.get(key)

    if (before) {
      counted.set(key, { refusal, count: before.count + 1, since: before.count === 0 ? now : before.since })
    } else if (counted.size < maxKinds) {
      counted.set(key, { refusal, count: 0, since: now })
      append(entryOf({ refusal, count: 1, since: now }))
    } else {
      dropped = { count: dropped.count + 1, since: dropped.count === 0 ? now : dropped.since }
    }
  }

  const flush = async () => {
    const repeated = [...counted].filter(([, { count }]) => count > 0)
    for (const [, each] of repeated) append(entryOf(each))
    if (dropped.count > 0) append(droppedEntry(dropped))

    // What was repeated in this minute may go on: it stays known, so that its next minute is one entry again.
    counted = new Map(repeated.map(([key, each]) => [key, { ...each, count: 0 }]))
    dropped = { count: 0, since: 0 }
    await writing
  }

  const timer = setInterval(() => void flush(), WINDOW_MS)
  timer.unref()

  return {
    note,
    flush,
    async close() {
      clearInterval(timer)
      await flush()
    },
  }
}

function entryOf({ refusal: { actor, token, scopes, reason, instance }, count, since }: Counted): AuditEntry {
  const body = { reason, instance, count, since: new Date(since).toISOString() }
  return { event: 'user.pat.refused', actor, token, scopes, body }
}

function droppedEntry({ count, since }: { count: number; since: number }): AuditEntry {
  return {
    event: 'platform.pat.refusals-dropped',
    actor: { type: 'system', name: 'audit' },
    scopes: [PLATFORM_SCOPE],
    body: { count, since: new Date(since).toISOString() },
  }
}
