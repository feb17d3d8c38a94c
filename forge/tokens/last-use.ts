import type { Sequelize, Transaction } from 'sequelize'

import { selectRows, writeRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'

/** A token's last use is written at most this often; the first use after a pause is written within a second. */
const WRITE_EVERY_MS = 30_000
const FLUSH_EVERY_MS = 1_000
/** Tokens whose uses one transaction writes: their rows are locked for some milliseconds. */
const WRITTEN_AT_ONCE = 50

export interface NotedUse {
  /** Epoch ms. */
  at: number
  instanceId: string
  client: string | null
  address: string | null
}

const DAY_MS = 86_400_000
let today = { number: NaN, text: '' }

/** The day (UTC) of a moment. It is asked for at each use, and hardly ever changes. */
function dayOf(epochMs: number): string {
  const number = Math.floor(epochMs / DAY_MS)
  if (today.number !== number) today = { number, text: new Date(epochMs).toISOString().slice(0, 10) }
  return today.text
}

/** The latest use, and how many there have been on which day (UTC) since the last write. */
interface Pending {
  last: NotedUse
  days: Map<string, number>
}

export interface LastUse {
  /** Notes that a token was used; costs no query. @param at epoch ms */
  note(tokenId: string, use: NotedUse): void
  /** Notes a call that was reported, perhaps days later. It counts as a use elsewhere: in the log of calls. */
  noteCall(tokenId: string, use: NotedUse): void
  /** Writes what is due; with `all`, everything that is not written yet. */
  flush(all?: boolean): Promise<void>
  /** Stops the timer and writes the rest. */
  close(): Promise<void>
}

/**
 * Remembers uses and writes them in batches: a write per call would make introspection several times slower. Several
 * forges may write the same token; the latest use stays, and counts add up.
 * @param onError is told of a write that failed; the uses are kept for the next batch
 */
export function createLastUse(db: Sequelize, onError: (error: unknown) => void): LastUse {
  const pending = new Map<string, Pending>()
  const writtenAt = new Map<string, number>()

  const flush = async (all = false) => {
    const now = Date.now()
    // Or before: somebody has set the clock back.
    for (const [tokenId, at] of writtenAt) if (Math.abs(now - at) >= WRITE_EVERY_MS) writtenAt.delete(tokenId)

    // In the order of their ids, lest two forges wait for each other's rows.
    const due = [...pending.keys()].filter((tokenId) => all || !writtenAt.has(tokenId)).sort()
    for (let first = 0; first < due.length; first += WRITTEN_AT_ONCE) {
      await write(due.slice(first, first + WRITTEN_AT_ONCE), now)
    }
  }

  const write = async (tokenIds: readonly string[], now: number) => {
    const due = tokenIds.flatMap((tokenId) => {
      const uses = pending.get(tokenId)
      return uses ? [[tokenId, uses] as const] : []
    })
    // What is noted while they are being written is for the next time.
    for (const [tokenId] of due) {
      pending.delete(tokenId)
      writtenAt.set(tokenId, now)
    }
    try {
      await db.transaction(async (transaction) => {
        for (const [tokenId, uses] of due) await writeUses(db, transaction, tokenId, uses)
      })
    } catch (error) {
      for (const [tokenId, uses] of due) {
        pending.set(tokenId, merge(uses, pending.get(tokenId)))
        writtenAt.delete(tokenId)
      }
      onError(error)
    }
  }

  let flushing = Promise.resolve()
  const timer = setInterval(() => {
    flushing = flushing.then(() => flush())
  }, FLUSH_EVERY_MS)
  timer.unref()

  return {
    note(tokenId, use) {
      const day = dayOf(use.at)
      const uses = pending.get(tokenId)
      if (!uses) return void pending.set(tokenId, { last: use, days: new Map([[day, 1]]) })

      if (use.at >= uses.last.at) uses.last = use
      uses.days.set(day, (uses.days.get(day) ?? 0) + 1)
    },
    noteCall(tokenId, use) {
      pending.set(tokenId, merge(pending.get(tokenId), { last: use, days: new Map() }))
    },
    flush,
    async close() {
      clearInterval(timer)
      await flushing
      await flush(true)
    },
  }
}

function merge(earlier: Pending | undefined, later: Pending): Pending
function merge(earlier: Pending, later: Pending | undefined): Pending
function merge(earlier: Pending | undefined, later: Pending | undefined): Pending | undefined {
  if (!earlier || !later) return earlier ?? later

  const days = new Map(earlier.days)
  for (const [day, uses] of later.days) days.set(day, (days.get(day) ?? 0) + uses)
  return { last: earlier.last.at > later.last.at ? earlier.last : later.last, days }
}

async function writeUses(
  db: Sequelize,
  transaction: Transaction,
  tokenId: string,
  { last, days }: Pending,
): Promise<void> {
  const { at, instanceId, client, address } = last

  const updated = await writeRows(
    db,
    `UPDATE pat_tokens
        SET last_used_at = $2, last_used_instance_id = $3,
            last_used_client = NULLIF($4, ''), last_used_address = NULLIF($5, '')
      WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $2)`,
    [tokenId, sqlTime(new Date(at)), instanceId, client ?? '', address ?? ''],
    transaction,
  )
  // Neither an older use of ours nor a token that is gone by now is worth an error.
  const known = updated > 0 || (await exists(db, tokenId, transaction))
  if (!known) return

  for (const [day, uses] of days) {
    await writeRows(
      db,
      `INSERT INTO pat_token_days (token_id, day, uses) VALUES ($1, $2, $3)
       ON CONFLICT (token_id, day) DO UPDATE SET uses = pat_token_days.uses + excluded.uses`,
      [tokenId, day, uses],
      transaction,
    )
  }
}

async function exists(db: Sequelize, tokenId: string, transaction: Transaction): Promise<boolean> {
  const found = await selectRows(db, 'SELECT 1 FROM pat_tokens WHERE id = $1', [tokenId], transaction)
  return found.length > 0
}
