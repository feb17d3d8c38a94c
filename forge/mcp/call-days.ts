import { lowestIdAt } from '../audit/entry-id.ts'
import type { CallOutcome, ToolCallDays } from '../contract/tool-calls.ts'
import { selectRows } from '../sql/rows.ts'
import { sqlDay } from '../sql/time.ts'
import { lastDays, startOf } from '../tokens/usage.ts'
import { conditionOf, placesIn, type CallLog, type CallView } from './call-view.ts'

/** The calls of a view by day and outcome, of the last 30 days, days without one included. */
export async function countByDay({ db }: Pick<CallLog, 'db'>, view: CallView): Promise<ToolCallDays> {
  const days = lastDays(Date.now())
  const bind: (string | number)[] = []
  const place = placesIn(bind)
  const { day, text } = sqlDay(db, 'called_at')
  const since = place(lowestIdAt(startOf(days)))

  const rows = await selectRows<{ day: string; outcome: CallOutcome; count: number | string }>(
    db,
    `SELECT ${text} AS day, outcome, count(*) AS count
       FROM pat_tool_calls WHERE id >= ${since} AND ${conditionOf(view, place)} GROUP BY ${day}, outcome`,
    bind,
  )
  const counts = new Map(rows.map((row) => [`${row.day} ${row.outcome}`, Number(row.count)]))
  return {
    days: days.map((each) => ({
      day: each,
      ok: counts.get(`${each} ok`) ?? 0,
      toolErrors: counts.get(`${each} tool_error`) ?? 0,
      refused: counts.get(`${each} refused`) ?? 0,
    })),
  }
}
