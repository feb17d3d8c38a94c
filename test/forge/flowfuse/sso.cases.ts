import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createLastSignIns } from '../../../forge/flowfuse/sso.ts'
import type { Dialect } from '../../support/database.ts'
import { createFlowFuseDatabase, type FlowFuseDatabase } from '../../support/flowfuse-database.ts'

const NOW = Date.parse('2026-11-25T12:00:00.000Z')

export function lastSignInCases(dialect: Dialect): void {
  describe('the last sign-in', () => {
    let database: FlowFuseDatabase
    beforeEach(async () => void (database = await createFlowFuseDatabase('old', dialect)))
    afterEach(() => database.cleanup())

    it('is the latest that did not fail, for each of several people, and is believed for ten seconds', async () => {
      const clock = { ms: NOW }
      const lastSignIns = createLastSignIns(database.db, () => clock.ms)
      const insert = (UserId: number, createdAt: string, more: object = {}) =>
        database.insert('AuditLogs', { event: 'account.login', UserId, body: '{}', createdAt, ...more })
      await insert(1, '2026-11-24T00:00:00.000Z')
      await insert(1, '2026-11-23T00:00:00.000Z')
      await insert(1, '2026-11-25T00:00:00.000Z', { body: '{"error":{"code":"user_suspended"}}' })
      await insert(1, '2026-11-25T00:00:00.000Z', { event: 'account.logout' })
      await insert(2, '2026-11-22T00:00:00.000Z')

      const first = new Map([
        [1, Date.parse('2026-11-24T00:00:00.000Z')],
        [2, Date.parse('2026-11-22T00:00:00.000Z')],
        [3, null],
      ])
      expect(await lastSignIns([1, 2, 3])).toEqual(first)
      await insert(3, '2026-11-25T00:00:00.000Z')
      clock.ms = NOW + 9_999
      expect(await lastSignIns([1, 2, 3])).toEqual(first)
      clock.ms = NOW + 10_001
      expect((await lastSignIns([3])).get(3)).toBe(Date.parse('2026-11-25T00:00:00.000Z'))
    })
  })
}
