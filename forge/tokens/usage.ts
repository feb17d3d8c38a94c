import type { TokenUsage } from '../contract/token.ts'
import type { Task } from '../housekeeping/task.ts'
import { selectRows, writeRows } from '../sql/rows.ts'
import { noSuchToken, type TokenStore } from './store.ts'

const KEPT_DAYS = 30
const DAY_MS = 86_400_000

/**
 * How often instances asked about a token on each of the last 30 days (UTC), oldest first, days without a use included.
 * An instance remembers an answer for seconds, so many calls in a row may count as one.
 * @throws {ForgeError} not_found
 */
export async function getUsage({ db, models }: TokenStore, ownerId: string, id: string): Promise<TokenUsage> {
  if ((await models.Token.count({ where: { id, userId: ownerId } })) === 0) throw noSuchToken()

  const days = lastDays(Date.now())
  const rows = await selectRows<{ day: string; uses: number }>(
    db,
    'SELECT day, uses FROM pat_token_days WHERE token_id = $1 AND day >= $2',
    [id, days[0] ?? ''],
  )
  const uses = new Map(rows.map((row) => [row.day, row.uses]))
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
function lastDays(now: number): string[] {
  return Array.from({ length: KEPT_DAYS }, (_, i) => dayOf(now - (KEPT_DAYS - 1 - i) * DAY_MS))
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
