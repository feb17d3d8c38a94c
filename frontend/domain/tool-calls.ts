import type { CallOutcome, ToolCall, ToolCallDays, ToolCallDaysQuery } from '@contract/tool-calls.ts'

import { startOfDay } from './dates.ts'
import { formatNumber } from '../messages/locale.ts'
import { t } from '../messages/messages.ts'

/** What is chosen in the filters, as the address has it; empty for no choice. Days are local calendar days. */
export type CallFilters = Record<
  'person' | 'token' | 'instance' | 'server' | 'tool' | 'outcome' | 'from' | 'to',
  string
>

export const NO_CALL_FILTERS: CallFilters = {
  person: '',
  token: '',
  instance: '',
  server: '',
  tool: '',
  outcome: '',
  from: '',
  to: '',
}

/** Counting stops here: one more stands for more. */
const COUNT_LIMIT = 10_000

export const OUTCOMES: Record<CallOutcome, { words: string; tone: string }> = {
  ok: { words: t.toolCallsWords.done, tone: 'good' },
  tool_error: { words: t.toolCallsWords.failed, tone: 'warn' },
  refused: { words: t.toolCallsWords.refused, tone: 'bad' },
}

const isOutcome = (name: string): name is CallOutcome => Object.hasOwn(OUTCOMES, name)

export const OUTCOME_CHOICES = [
  { value: '', label: t.toolCallsWords.any },
  ...Object.entries(OUTCOMES).map(([value, { words }]) => ({ value, label: words })),
]

/** What to ask the forge for. An address that somebody has edited by hand narrows by what can be understood. */
export function callQuery({
  person,
  token,
  instance,
  server,
  tool,
  outcome,
  from,
  to,
}: CallFilters): ToolCallDaysQuery {
  const path = serverPath(server)
  const start = startOfDay(from)
  const end = startOfDay(to, 1)
  return {
    ...(person === '' ? {} : { username: person }),
    ...(token === '' ? {} : { tokenId: token }),
    ...(instance === '' ? {} : { instanceId: instance }),
    ...(path === null ? {} : { server: path }),
    ...(tool === '' ? {} : { tool }),
    ...(isOutcome(outcome) ? { outcome } : {}),
    ...(start ? { from: start.toISOString() } : {}),
    ...(end ? { to: end.toISOString() } : {}),
  }
}

/** The path of a server as somebody types it, with or without its slash; null for what can be none. */
function serverPath(text: string): string | null {
  const path = `/${text.replace(/^\//, '')}`
  return text !== '' && path.length <= 200 && /^[^\s?#]+$/.test(path) ? path : null
}

/** The tokens of the calls that are shown: a team may have more of them than anybody would look through. */
export function tokenChoices(calls: readonly ToolCall[], chosen: string) {
  const names = new Map(calls.map(({ token, user }) => [token.id, `${token.name}, ${user.username}`]))
  if (chosen !== '' && !names.has(chosen)) names.set(chosen, t.toolCallsWords.theChosenOne)
  const known = [...names].map(([value, label]) => ({ value, label }))
  return [{ value: '', label: t.toolCallsWords.any }, ...known.sort((a, b) => a.label.localeCompare(b.label))]
}

/** Why a call was refused, or has no answer. A reason that is not listed is shown by its own name. */
const REASONS: Partial<Record<string, string>> = {
  tool_on: t.toolCallsWords.theOwnersHaveSwitched,
  tool_listed: t.toolCallsWords.theTokenIsLimited,
  tool_person: t.toolCallsWords.itIsForCertain,
  tool_role: t.toolCallsWords.theRoleWasNot,
  tool_read_only: t.toolCallsWords.theTokenIsRead,
  unknown_tool: t.toolCallsWords.thereIsNoSuch,
  bad_arguments: t.toolCallsWords.theArgumentsDidNot,
  id_in_use: t.toolCallsWords.anotherRequestWithThe,
  no_answer: t.toolCallsWords.theCallerLeftBefore,
  cancelled: t.toolCallsWords.theCallerCancelledIt,
}

/** What a call came to beside its outcome, in words; null where there is nothing to say. */
export function describeReason({ outcome, reason }: Pick<ToolCall, 'outcome' | 'reason'>): string | null {
  if (reason !== null) return REASONS[reason] ?? reason.replaceAll('_', ' ')
  return outcome === 'tool_error' ? t.toolCallsWords.theToolRanAnd : null
}

/** "12 ms", "3.4 s". */
export const formatDuration = (ms: number): string =>
  ms < 1_000
    ? t.toolCallsWords.milliseconds(formatNumber(ms))
    : t.toolCallsWords.seconds(formatNumber(Math.round(ms / 100) / 10))

/** How many there are, as far as the forge counts. */
export const countCalls = (calls: number): string =>
  calls > COUNT_LIMIT ? t.toolCallsWords.moreThanCalls(formatNumber(COUNT_LIMIT)) : t.toolCallsWords.calls(calls)

type Day = ToolCallDays['days'][number]

/** "142 calls in 30 days, 3 failed, 12 refused." */
export function summarizeDays(days: readonly Day[]): string {
  const sum = (of: (day: Day) => number) => days.reduce((total, day) => total + of(day), 0)
  const [ok, failed, refused] = [sum((day) => day.ok), sum((day) => day.toolErrors), sum((day) => day.refused)]
  const total = ok + failed + refused
  if (total === 0) return t.toolCallsWords.noCallInThe

  const parts = [
    t.toolCallsWords.callsInTheLast(total),
    failed > 0 && t.toolCallsWords.someFailed(failed),
    refused > 0 && t.toolCallsWords.someRefused(refused),
  ]
  return `${parts.filter(Boolean).join(', ')}.`
}

/** The days as bars: what was done below, what failed and what was refused upon it. */
export const barsOf = (days: readonly Day[]) =>
  days.map(({ day, ok, toolErrors, refused }) => ({
    day,
    parts: [
      { tone: 'accent' as const, value: ok },
      { tone: 'warn' as const, value: toolErrors },
      { tone: 'danger' as const, value: refused },
    ],
  }))

export const describeDay = (day: string, total: number): string => `${day}: ${t.toolCallsWords.calls(total)}`
