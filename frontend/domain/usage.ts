import type { TokenUsage } from '@contract/token.ts'

import { t } from '../messages/messages.ts'
import { formatDay } from './dates.ts'
import { formatNumber } from '../messages/locale.ts'

/** "142 uses on 9 days, most on 12 Nov (30)". */
export function summarizeUsage(days: TokenUsage['days']): string {
  const used = days.filter(({ uses }) => uses > 0)
  const peak = used.reduce<TokenUsage['days'][number] | null>(
    (most, day) => (most === null || day.uses > most.uses ? day : most),
    null,
  )
  if (peak === null) return t.drawer.usageNone

  const total = used.reduce((sum, { uses }) => sum + uses, 0)
  const words = t.drawer.usageSummary(total, used.length)
  return used.length === 1
    ? `${words}.`
    : `${words}, ${t.drawer.usagePeak(formatDay(peak.day), formatNumber(peak.uses))}.`
}
