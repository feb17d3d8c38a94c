import type { Sequelize } from 'sequelize'

import { ForgeError } from '../errors/forge-error.ts'
import { selectRows, writeRows, type RawTime } from '../sql/rows.ts'
import { sqlTime, toEpochMs } from '../sql/time.ts'

/** Entering and deciding are two each; nobody signs in at ten terminals at once. 30 guesses of 20^8 find nothing. */
const MAX_BY_PERSON = 30
/** By all people together, so that many accounts find nothing either (RFC 8628 section 5.1). */
const MAX_BY_ALL = 3_000
const WINDOW_MS = 10 * 60_000

/**
 * Counts a code that a person enters, right or wrong, in the database: it holds for all forges together.
 * @throws {ForgeError} too_many_requests
 */
export async function countCodeEntry(db: Sequelize, userId: string, now: Date): Promise<void> {
  await count(db, { subject: `user:${userId}`, max: MAX_BY_PERSON }, now)
  await count(db, { subject: 'all', max: MAX_BY_ALL }, now)
}

async function count(db: Sequelize, { subject, max }: { subject: string; max: number }, now: Date): Promise<void> {
  const ends = sqlTime(new Date(now.getTime() + WINDOW_MS))
  const counted = await writeRows(db, COUNT, [subject, ends, sqlTime(now), max])
  if (counted > 0) return

  const [row] = await selectRows<{ endsAt: RawTime }>(db, ENDS_AT, [subject])
  const seconds = row ? Math.ceil((toEpochMs(row.endsAt) - now.getTime()) / 1000) : 1
  throw new ForgeError('too_many_requests', 'Too many codes were entered. Wait some minutes, and begin anew.', {
    retryAfterSeconds: Math.max(1, seconds),
  })
}

const ENDS_AT = 'SELECT ends_at AS "endsAt" FROM pat_code_entries WHERE subject = $1'

/** A window begins with its first entry; a full one takes no more, however many come at once. */
const COUNT = `
  INSERT INTO pat_code_entries (subject, entries, ends_at) VALUES ($1, 1, $2)
  ON CONFLICT (subject) DO UPDATE
     SET entries = CASE WHEN pat_code_entries.ends_at <= $3 THEN 1 ELSE pat_code_entries.entries + 1 END,
         ends_at = CASE WHEN pat_code_entries.ends_at <= $3 THEN excluded.ends_at ELSE pat_code_entries.ends_at END
   WHERE pat_code_entries.ends_at <= $3 OR pat_code_entries.entries < $4`
