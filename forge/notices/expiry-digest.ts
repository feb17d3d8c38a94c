import type { Sequelize } from 'sequelize'

import type { Task } from '../housekeeping/task.ts'
import { selectRows, writeRows } from '../sql/rows.ts'
import {
  dayOf,
  planDigests,
  warningKey,
  warningWindow,
  type Digest,
  type ExpiringToken,
  type ExpiryWarning,
} from './expiry.ts'
import { tell } from './tell.ts'

export interface ExpiryDigestOptions {
  db: Sequelize
  /** The tokens that end from the first moment on and before the second; ended ones included, revoked ones not. */
  expiringTokens(from: Date, to: Date): Promise<ExpiringToken[]>
}

/** Tells each owner once a day at most, in one notice for all their tokens, that tokens end in 14 days, 3 days or today. */
export function expiryDigestTask({ db, expiringTokens }: ExpiryDigestOptions): Task {
  return {
    name: 'expiry-digest',
    // More often than daily, because the day of UTC begins whenever it does.
    everySeconds: 900,
    async run(now, shouldStop) {
      const { from, to } = warningWindow(now)
      const tokens = await expiringTokens(from, to)
      const told = await warningsSince(db, from)

      for (const digest of planDigests(tokens, told, now)) {
        if (shouldStop()) return
        await send(db, digest, now)
      }
    },
  }
}

/**
 * Writes the notice and what it told in one transaction. Who has had today's digest gets what has come up since with
 * tomorrow's. A warning that another forge wrote meanwhile breaks the transaction, and the next run sees it.
 */
async function send(db: Sequelize, { userId, body, warnings }: Digest, now: Date): Promise<void> {
  await db.transaction(async (transaction) => {
    const notice = { userId, kind: 'tokens-end', body, dedupeKey: `tokens-end:${dayOf(now)}` } as const
    if (!(await tell(db, notice, { now, transaction }))) return

    for (const { tokenId, expiresOn, daysAhead } of warnings) {
      await writeRows(
        db,
        'INSERT INTO pat_expiry_warnings (token_id, expires_on, days_ahead) VALUES ($1, $2, $3)',
        [tokenId, expiresOn, daysAhead],
        transaction,
      )
    }
  })
}

async function warningsSince(db: Sequelize, from: Date): Promise<Set<string>> {
  const rows = await selectRows<ExpiryWarning>(
    db,
    `SELECT token_id AS "tokenId", expires_on AS "expiresOn", days_ahead AS "daysAhead" FROM pat_expiry_warnings
     WHERE expires_on >= $1`,
    [dayOf(from)],
  )
  return new Set(rows.map(warningKey))
}
