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

    it('is read from each entry once, however many there are, but for those that may have come late', async () => {
      const clock = { ms: NOW }
      let statements = 0
      const lastSignIns = createLastSignIns(database.db, () => clock.ms)
      const insert = (id: number, UserId: number) =>
        database.insert('AuditLogs', {
          ...{ id, UserId, event: 'account.login', body: '{}' },
          createdAt: new Date(NOW + id).toISOString(),
        })
      await insert(1, 1)
      await insert(120_000, 2)
      database.db.addHook('beforeQuery', () => void (statements += 1))

      expect([...(await lastSignIns([1, 2, 3])).values()]).toEqual([NOW + 1, NOW + 120_000, null])
      const first = statements
      await insert(119_500, 3)
      await insert(2, 4)
      statements = 0
      clock.ms += 10_000
      expect([...(await lastSignIns([2, 3, 4])).values()]).toEqual([NOW + 120_000, NOW + 119_500, null])
      expect([first, statements]).toEqual([4, 2])
    })

    it('is looked for anew by a clock that was set back', async () => {
      const clock = { ms: NOW }
      const lastSignIns = createLastSignIns(database.db, () => clock.ms)
      expect((await lastSignIns([1])).get(1)).toBeNull()
      await database.insert('AuditLogs', {
        ...{ event: 'account.login', UserId: 1, body: '{}' },
        createdAt: new Date(NOW).toISOString(),
      })

      clock.ms -= 3_600_000
      expect((await lastSignIns([1])).get(1)).toBe(NOW)
    })
  })
}
