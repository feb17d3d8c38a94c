import type { Sequelize, Transaction } from 'sequelize'

import { selectRows, writeRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'

/** A token's last use is written at most this often; the first use after a pause is written within a second. */
const WRITE_EVERY_MS = 30_000
const FLUSH_EVERY_MS = 1_000
/** Tokens whose uses one transaction writes: their rows are locked for some milliseconds. */
const WRITTEN_AT_ONCE = 200

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

/** The latest use, and how many there have been on which day (UTC) since the last write: hardly ever more than one day. */
interface Pending {
  last: NotedUse
  days: DayCount[]
}

interface DayCount {
  day: string
  count: number
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

    const due = [...pending.keys()].filter((tokenId) => all || !writtenAt.has(tokenId))
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
        await writeUses(db, transaction, due)
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
      if (!uses) return void pending.set(tokenId, { last: use, days: [{ day, count: 1 }] })

      if (use.at >= uses.last.at) uses.last = use
      countOn(uses.days, day, 1)
    },
    noteCall(tokenId, use) {
      pending.set(tokenId, merge(pending.get(tokenId), { last: use, days: [] }))
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

  const days = earlier.days.map((each) => ({ ...each }))
  for (const { day, count } of later.days) countOn(days, day, count)
  return { last: earlier.last.at > later.last.at ? earlier.last : later.last, days }
}

function countOn(days: DayCount[], day: string, count: number): void {
  const known = days.find((each) => each.day === day)
  if (known) known.count += count
  else days.push({ day, count })
}

/** Three statements, however many tokens. Neither an older use of ours nor a token that is gone is worth an error. */
async function writeUses(
  db: Sequelize,
  transaction: Transaction,
  due: readonly (readonly [tokenId: string, uses: Pending])[],
): Promise<void> {
  const { lock, lastUses, days } = STATEMENTS[db.getDialect() === 'postgres' ? 'postgres' : 'sqlite']
  const last = due.map(([id, uses]) => ({ id, ...uses.last, at: sqlTime(new Date(uses.last.at)) }))
  const daily = due.flatMap(([id, uses]) => uses.days.map(({ day, count }) => ({ id, day, count })))

  if (lock) await selectRows(db, lock, [JSON.stringify(due.map(([id]) => id))], transaction)
  await writeRows(db, lastUses, [JSON.stringify(last)], transaction)
  await writeRows(db, days, [JSON.stringify(daily)], transaction)
}

/** @param last and daily are SQL for the rows of a list in JSON, `$1` */
const statementsOn = (last: string, daily: string) => ({
  lastUses: `
    UPDATE pat_tokens
       SET last_used_at = u.at, last_used_instance_id = u.instance_id, last_used_client = u.client,
           last_used_address = u.address
      FROM (${last}) AS u
     WHERE pat_tokens.id = u.id AND (pat_tokens.last_used_at IS NULL OR pat_tokens.last_used_at <= u.at)`,
  days: `
    INSERT INTO pat_token_days (token_id, day, uses)
    SELECT d.id, d.day, d.count FROM (${daily}) AS d WHERE EXISTS (SELECT 1 FROM pat_tokens t WHERE t.id = d.id)
        ON CONFLICT (token_id, day) DO UPDATE SET uses = pat_token_days.uses + excluded.uses`,
})

const STATEMENTS = {
  postgres: {
    /** In the order of their ids, lest two forges wait for each other's rows; and none of them can go meanwhile. */
    lock: `SELECT 1 FROM pat_tokens WHERE id IN (SELECT json_array_elements_text(CAST($1 AS JSON)))
            ORDER BY id FOR NO KEY UPDATE`,
    ...statementsOn(
      `SELECT id, at, "instanceId" AS instance_id, client, address FROM json_to_recordset(CAST($1 AS JSON))
           AS l (id TEXT, at TIMESTAMPTZ, "instanceId" TEXT, client TEXT, address TEXT)`,
      'SELECT id, day, count FROM json_to_recordset(CAST($1 AS JSON)) AS l (id TEXT, day TEXT, count INTEGER)',
    ),
  },
  sqlite: {
    /** There is one writer at a time. */
    lock: null,
    ...statementsOn(
      `SELECT value ->> 'id' AS id, value ->> 'at' AS at, value ->> 'instanceId' AS instance_id,
              value ->> 'client' AS client, value ->> 'address' AS address FROM json_each($1)`,
      "SELECT value ->> 'id' AS id, value ->> 'day' AS day, value ->> 'count' AS count FROM json_each($1)",
    ),
  },
}
