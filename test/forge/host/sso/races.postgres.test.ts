import { describe, expect, it } from 'vitest'

import { selectRows } from '../../../../forge/sql/rows.ts'
import { eventually } from '../../../support/eventually.ts'
import { hasPostgres } from '../../../support/postgres.ts'
import { ssoRaceCases } from './races.cases.ts'
import { toTheDoor, useSsoWorld } from './scene.ts'

const WAITING = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`

describe.runIf(hasPostgres)('single sign-on at the same moment, on PostgreSQL', () => {
  ssoRaceCases('postgres')

  describe('a provider that is being disabled', () => {
    const world = useSsoWorld('postgres')

    it('lets nobody in who had passed its door before', async () => {
      const enter = await toTheDoor(world, 'alice-1')
      const { db, store } = world.forge
      const { entering } = await db.transaction(async (transaction) => {
        await store.Provider.update({ enabled: false }, { where: { id: world.provider.id }, transaction })
        const answer = enter()
        await eventually(async () => expect(await selectRows(db, WAITING, [])).toHaveLength(1))
        return { entering: answer }
      })
      expect((await entering).headers.location).toContain('problem=disabled')
      expect(await store.Session.count({ where: { providerId: world.provider.id } })).toBe(0)
    })
  })
})
