import { LOCALE } from '../messages/locale.ts'
import { t } from '../messages/messages.ts'

const dateFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' })
const momentFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' })
const longFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'short' })
const utcFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
const dayFormat = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', timeZone: 'UTC' })
const relativeFormat = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'always' })

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** Each unit is used from its size up to the next one's limit: 47 hours are said as hours, 48 as days. */
const UNITS = [
  { unit: 'year', ms: 365.25 * DAY_MS, from: 548 * DAY_MS },
  { unit: 'month', ms: 30.44 * DAY_MS, from: 60 * DAY_MS },
  { unit: 'day', ms: DAY_MS, from: 2 * DAY_MS },
  { unit: 'hour', ms: HOUR_MS, from: HOUR_MS },
  { unit: 'minute', ms: MINUTE_MS, from: MINUTE_MS },
] as const

export const formatDate = (at: Date): string => dateFormat.format(at)
export const formatMoment = (at: Date): string => momentFormat.format(at)
export const formatLong = (at: Date): string => longFormat.format(at)
export const formatUtc = (at: Date): string => t.dates.inUtc(utcFormat.format(at))
/** "12 Nov" of a day in UTC as the forge writes it, `2026-11-12`. */
export const formatDay = (day: string): string => dayFormat.format(new Date(day))

/** "in 30 days", "2 hours ago"; "just now" within a minute. @param now epoch ms */
export function formatRelative(at: Date, now: number): string {
  const distance = at.getTime() - now
  const size = UNITS.find(({ from }) => Math.abs(distance) >= from)
  if (!size) return distance > 0 ? t.dates.inLessThanAMinute : t.dates.justNow
  return relativeFormat.format(Math.round(distance / size.ms), size.unit)
}

/** The time zone that all of these times are in, as the browser names it. */
export const timeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

/** A local calendar day as date inputs write it: `2026-12-23`. */
export function dayOf(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** The local midnight at which a day begins, or that many days later; null when there is no such day. */
export function startOfDay(day: string, daysLater = 0): Date | null {
  const at = new Date(`${day}T00:00:00`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(at.getTime())) return null
  at.setDate(at.getDate() + daysLater)
  return at
}
