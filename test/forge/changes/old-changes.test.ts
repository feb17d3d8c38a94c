import { expect, it } from 'vitest'

import { oldChangesTask } from '../../../forge/changes/old-changes.ts'
import { selectRows } from '../../../forge/sql/rows.ts'
import { createTestDatabase } from '../../support/database.ts'

it('keeps the newest 10,000 changes, and goes on numbering from there', async () => {
  const { db, cleanup } = await createTestDatabase()
  await db.query(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10005)
    INSERT INTO pat_changes (id, kind, subject) SELECT i, 'token', 't' || i FROM n`)

  await oldChangesTask(db).run(new Date('2026-11-24T12:00:00Z'), () => false)
  const kept = `SELECT count(*) AS rows, min(id) AS oldest, max(id) AS newest FROM pat_changes`
  expect(await selectRows(db, kept, [])).toEqual([{ rows: 10_000, oldest: 6, newest: 10_005 }])

  await db.query("INSERT INTO pat_changes (kind, subject) VALUES ('token', 'next')")
  expect(await selectRows(db, 'SELECT max(id) AS newest FROM pat_changes', [])).toEqual([{ newest: 10_006 }])
  await cleanup()
})
