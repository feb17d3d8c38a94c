import type { Sequelize } from 'sequelize'

import type { ExpiringToken } from '../notices/expiry.ts'
import { selectRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'

/**
 * The tokens that nobody revoked or replaced and that end, or ended, from the first moment on and before the second.
 * Those that instances exchange for end all the time, and mean nothing to their owner.
 */
export async function expiringTokens(db: Sequelize, from: Date, to: Date): Promise<ExpiringToken[]> {
  const rows = await selectRows<ExpiringToken>(
    db,
    `SELECT id, user_id AS "userId", name, created_at AS "createdAt", expires_at AS "expiresAt" FROM pat_tokens
     WHERE issued_via <> 'exchange' AND revoked_at IS NULL AND replaced_by_id IS NULL AND expires_at >= $1 AND expires_at < $2`,
    [sqlTime(from), sqlTime(to)],
  )
  // SQLite answers times as text.
  return rows.map((row) => ({ ...row, createdAt: new Date(row.createdAt), expiresAt: new Date(row.expiresAt) }))
}
