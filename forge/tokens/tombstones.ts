import type { Sequelize } from 'sequelize'

import { writeRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'

/**
 * Deletes tokens that expired, were revoked or retired before a moment, with their grants. What the audit says of them stays.
 * @param limit how many at most, so that others can write in between
 * @returns how many were deleted
 */
export function deleteEndedTokens(db: Sequelize, before: Date, limit: number): Promise<number> {
  return writeRows(
    db,
    `DELETE FROM pat_tokens WHERE id IN
       (SELECT id FROM pat_tokens WHERE expires_at < $1 OR revoked_at < $1 OR retires_at < $1 LIMIT $2)`,
    [sqlTime(before), limit],
  )
}
