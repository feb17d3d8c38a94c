import { QueryTypes } from 'sequelize'
import { describe, expect, it } from 'vitest'

import { oldNoticesTask } from '../../../forge/notices/old-notices.ts'
import { tell } from '../../../forge/notices/tell.ts'
import { createTestDatabase } from '../../support/database.ts'

describe('oldNoticesTask', () => {
  it('deletes what was told more than 180 days ago', async () => {
    const { db, cleanup } = await createTestDatabase()
    const tellAt = (at: string) =>
      tell(
        db,
        {
          userId: 'alice',
          dedupeKey: at,
          kind: 'token-revoked',
          body: { token: { id: 't1', name: 'Claude' }, by: 'Olga', reach: null },
        },
        { now: new Date(at) },
      )
    await tellAt('2026-05-27T11:59:59.999Z')
    await tellAt('2026-05-27T12:00:00.000Z')

    await oldNoticesTask(db).run(new Date('2026-11-23T12:00:00.000Z'), () => false)
    const left = await db.query('SELECT dedupe_key AS key FROM pat_notices', { type: QueryTypes.SELECT })
    expect(left).toEqual([{ key: '2026-05-27T12:00:00.000Z' }])
    await cleanup()
  })
})
