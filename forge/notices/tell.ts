import { randomUUID } from 'node:crypto'

import type { Sequelize, Transaction } from 'sequelize'

import type { NoticeContent } from '../contract/notice.ts'
import { writeRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'

/** To whom, and about what. The key is at most 150 characters: `retired:<token id>:<day>`. */
export type NewNotice = NoticeContent & { userId: string; dedupeKey: string }

/** The change that the notice is about, so that neither stands without the other; and when, if not now. */
export interface TellOptions {
  transaction?: Transaction
  now?: Date
}

/**
 * Tells a person something: it appears on their page, and the housekeeper mails it. Costs one write and waits for
 * nobody's mail server. Never put a secret in; names and other people's text go in as they are.
 * @returns false when they were told before: one key is said once, however many forges say it at once
 */
export async function tell(db: Sequelize, notice: NewNotice, options: TellOptions = {}): Promise<boolean> {
  const { userId, dedupeKey, kind, body } = notice
  const at = sqlTime(options.now ?? new Date())

  const written = await writeRows(
    db,
    `INSERT INTO pat_notices (id, user_id, kind, body, dedupe_key, created_at, mail_attempts, mail_due_at)
     VALUES ($1, $2, $3, $4, $5, $6, 0, $6) ON CONFLICT (user_id, dedupe_key) DO NOTHING`,
    [randomUUID(), userId, kind, JSON.stringify(body), dedupeKey, at],
    options.transaction,
  )
  return written === 1
}
