import { createHmac } from 'node:crypto'

import type { Sequelize } from 'sequelize'

import type { Task } from '../housekeeping/task.ts'
import type { SecretKeys } from '../keys.ts'
import { selectRows, writeRows } from '../sql/rows.ts'
import { databaseClock } from '../sql/time.ts'

/**
 * Counts that forges on one PostgreSQL have in common. Windows are those of the database's clock. A key says what is
 * counted and for whom; in the table it is a keyed hash.
 */
export interface Counts {
  /** Adds to several at once. @returns what each has come to, in no order */
  add(amounts: readonly Amount[]): Promise<Sum[]>
  /** Counts one more, unless so many have been counted already. Two at the same moment cannot both be the last one. */
  take(key: string, max: number, windowSeconds: number): Promise<Taken>
  /** Takes one back out of the window that is open. */
  giveBack(key: string): Promise<void>
}

export interface Amount {
  key: string
  count: number
  /** How long a window lasts that begins with it. */
  seconds: number
}

export interface Sum {
  key: string
  count: number
  /** Until its window ends. */
  seconds: number
}

export type Taken = { allowed: true } | { allowed: false; seconds: number }

export function createCounts(db: Sequelize, keys: SecretKeys): Counts {
  const secret = keys.derive('counts')
  const hashOf = (key: string) => createHmac('sha256', secret).update(key).digest('base64url')

  return {
    async add(amounts) {
      const keyOf = new Map(amounts.map(({ key }) => [hashOf(key), key]))
      const columns = [[...keyOf.keys()], amounts.map(({ count }) => count), amounts.map(({ seconds }) => seconds)]
      const rows = await selectRows<Sum>(db, ADD, columns)
      return rows.flatMap(({ key: hash, ...sum }) => {
        const key = keyOf.get(hash)
        return key === undefined ? [] : [{ key, ...sum }]
      })
    },

    async take(key, max, windowSeconds) {
      const taken = await writeRows(db, TAKE, [hashOf(key), windowSeconds, max])
      if (taken === 1) return { allowed: true }

      const [open] = await selectRows<{ seconds: number }>(db, SECONDS_LEFT, [hashOf(key)])
      return { allowed: false, seconds: Math.max(1, Math.ceil(open?.seconds ?? 1)) }
    },

    async giveBack(key) {
      await writeRows(db, GIVE_BACK, [hashOf(key)])
    },
  }
}

const LEFT = 'CAST(EXTRACT(EPOCH FROM pat_counts.ends_at - clock_timestamp()) AS DOUBLE PRECISION)'

/** What is there counts as long as its window is open; else a new one begins. */
const MERGE = `
  ON CONFLICT (key) DO UPDATE SET
    count = excluded.count + CASE WHEN pat_counts.ends_at > clock_timestamp() THEN pat_counts.count ELSE 0 END,
    ends_at = CASE WHEN pat_counts.ends_at > clock_timestamp() THEN pat_counts.ends_at ELSE excluded.ends_at END`

/** Every forge takes the rows in the same order, so that no two wait for each other. */
const ADD = `
  INSERT INTO pat_counts (key, count, ends_at)
  SELECT key, count, clock_timestamp() + make_interval(secs => seconds)
    FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS INTEGER[]), CAST($3 AS DOUBLE PRECISION[])) AS amounts (key, count, seconds)
   ORDER BY key
  ${MERGE}
  RETURNING key, count, ${LEFT} AS seconds`

const TAKE = `
  INSERT INTO pat_counts (key, count, ends_at) VALUES ($1, 1, clock_timestamp() + make_interval(secs => $2))
  ${MERGE}
  WHERE pat_counts.ends_at <= clock_timestamp() OR pat_counts.count < $3`

const SECONDS_LEFT = `SELECT ${LEFT} AS seconds FROM pat_counts WHERE key = $1`

const GIVE_BACK = 'UPDATE pat_counts SET count = count - 1 WHERE key = $1 AND count > 0 AND ends_at > clock_timestamp()'

/** Removes what was counted in windows that have ended. */
export function oldCountsTask(db: Sequelize): Task {
  return {
    name: 'old-counts',
    everySeconds: 600,
    async run() {
      await writeRows(db, `DELETE FROM pat_counts WHERE ends_at <= ${databaseClock(db).now}`, [])
    },
  }
}
