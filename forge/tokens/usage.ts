import { lowestIdAt } from '../audit/entry-id.ts'
import type { TokenUsage } from '../contract/token.ts'
import type { Task } from '../housekeeping/task.ts'
import { selectRows, writeRows } from '../sql/rows.ts'
import { sqlDay } from '../sql/time.ts'
import { noSuchToken, type TokenStore } from './store.ts'

const KEPT_DAYS = 30
const DAY_MS = 86_400_000

/**
 * How often a token was used on each of the last 30 days (UTC), oldest first, days without a use included: how often
 * instances asked about it, or how many calls of tools they reported, whichever is more. An instance remembers an answer
 * for seconds, so many plain requests in a row may count as one; each call is asked about, or follows such an answer.
 * @throws {ForgeError} not_found
 */
export async function getUsage({ db, models }: TokenStore, ownerId: string, id: string): Promise<TokenUsage> {
  if ((await models.Token.count({ where: { id, userId: ownerId } })) === 0) throw noSuchToken()

  const days = lastDays(Date.now())
  const called = sqlDay(db, 'called_at')
  const rows = await selectRows<{ day: string; uses: number | string }>(
    db,
    `SELECT day, uses FROM pat_token_days WHERE token_id = $1 AND day >= $2
     UNION ALL
     SELECT ${called.text} AS day, count(*) AS uses FROM pat_tool_calls
      WHERE token_id = $1 AND id >= $3 GROUP BY ${called.day}`,
    [id, days[0] ?? '', lowestIdAt(startOf(days))],
  )
  const uses = new Map(days.map((day) => [day, 0]))
  for (const { day, uses: here } of rows) uses.set(day, Math.max(uses.get(day) ?? 0, Number(here)))
  return { days: days.map((day) => ({ day, uses: uses.get(day) ?? 0 })) }
}

/** Removes the counts of days that nobody is shown any more. */
export function oldUsageTask({ db }: Pick<TokenStore, 'db'>): Task {
  return {
    name: 'old-usage',
    everySeconds: 86_400,
    async run(now) {
      await writeRows(db, 'DELETE FROM pat_token_days WHERE day < $1', [lastDays(now.getTime())[0] ?? ''])
    },
  }
}

/** The last 30 days in UTC, today included, as `YYYY-MM-DD`. @param now epoch ms */
export function lastDays(now: number): string[] {
  return Array.from({ length: KEPT_DAYS }, (_, i) => dayOf(now - (KEPT_DAYS - 1 - i) * DAY_MS))
}

/** When the first of these days began, epoch ms. */
export function startOf([first]: readonly string[]): number {
  return Date.parse(`${first}T00:00:00.000Z`)
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
