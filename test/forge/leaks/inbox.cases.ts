import { afterEach, beforeEach, expect, it } from 'vitest'

import { createInbox, type Report } from '../../../forge/leaks/inbox.ts'
import { selectRows, writeRows } from '../../../forge/sql/rows.ts'
import { keys, otherKeys } from '../audit/entries.ts'
import type { SharedDatabase } from '../housekeeping/databases.ts'

const SOURCE = { type: 'holder', requestId: 'req-1', address: '192.0.2.7' } as const

/** What must hold of reports that wait, on whichever database. */
export function inboxCases(open: () => Promise<SharedDatabase>): void {
  let shared: SharedDatabase

  beforeEach(async () => {
    shared = await open()
  })
  afterEach(() => shared.cleanup())

  const inboxOn = (db = shared.db, secretKeys = keys) => createInbox(db, secretKeys)
  const rows = () => selectRows<{ id: string; sealed: string }>(shared.db, 'SELECT * FROM pat_leak_reports', [])
  const makeDue = () =>
    writeRows(shared.db, "UPDATE pat_leak_reports SET due_at = '2020-01-01 00:00:00.000 +00:00'", [])
  const texts = (reports: Report[]) => reports.map(({ text }) => text).sort()

  it('gives what was put, with where it came from, and forgets it when it is done', async () => {
    await inboxOn().put(['one', 'two'], SOURCE)
    const { reports } = await inboxOn().claim()

    expect(texts(reports)).toEqual(['one', 'two'])
    expect(reports[0]?.source).toEqual(SOURCE)
    for (const { id } of reports) await inboxOn().remove(id)
    expect(await rows()).toEqual([])
  })

  it('gives each to one of two forges', async () => {
    const all = Array.from({ length: 30 }, (_, n) => `text ${n}`)
    await inboxOn().put(all, SOURCE)

    const claims = await Promise.all(
      [shared.db, shared.otherDb, shared.db, shared.otherDb].map((db) => inboxOn(db).claim()),
    )
    const rest = await inboxOn().claim()
    const given = [...claims, rest].flatMap(({ reports }) => texts(reports))
    expect(given.sort()).toEqual(all.sort())
  })

  it('gives it again when whoever had it has not come back', async () => {
    await inboxOn().put(['one'], SOURCE)
    await inboxOn().claim()

    expect((await inboxOn(shared.otherDb).claim()).reports).toEqual([])
    await makeDue()
    expect(texts((await inboxOn(shared.otherDb).claim()).reports)).toEqual(['one'])
  })

  it('gives up what failed twelve times, and what no key here opens', async () => {
    await inboxOn().put(['one'], SOURCE)
    await inboxOn(shared.db, otherKeys).put(['sealed by another forge'], SOURCE)

    for (let n = 1; n < 12; n++) {
      expect(await inboxOn().claim()).toMatchObject({ claimed: 2, givenUp: 0, reports: [{ text: 'one' }] })
      await makeDue()
    }
    expect(await inboxOn().claim()).toMatchObject({ claimed: 2, givenUp: 2 })
    expect(await rows()).toEqual([])
  })

  it('takes no more than five thousand', async () => {
    for (let n = 0; n < 50; n++) {
      await inboxOn().put(
        Array.from({ length: 100 }, (_, m) => `${n} ${m}`),
        SOURCE,
      )
    }
    await expect(inboxOn().put(['one more'], SOURCE)).rejects.toMatchObject({ code: 'unavailable' })
  })
}
