import { TOKEN_LIFETIME_DAYS } from '@contract/token-lifetime.ts'

import { DAY_MS, dayOf } from './dates.ts'

/** How long a token lives: a number of days from the moment of minting, or to the end of a day. */
export type ExpiryChoice = { kind: 'days'; days: number } | { kind: 'date'; day: string }

export const EXPIRY_PRESETS: readonly { days: number; label: string }[] = [
  { days: 7, label: '7 days' },
  { days: TOKEN_LIFETIME_DAYS.default, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: '1 year' },
]

export const DEFAULT_EXPIRY: ExpiryChoice = { kind: 'days', days: TOKEN_LIFETIME_DAYS.default }

/** The moment at which a choice ends; null when it names no day. A chosen day counts to its last second, local time. */
export function expiryMoment(choice: ExpiryChoice, now: number): Date | null {
  if (choice.kind === 'days') return new Date(now + choice.days * DAY_MS)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(choice.day)) return null

  const end = new Date(`${choice.day}T23:59:59`)
  return Number.isNaN(end.getTime()) ? null : end
}

/** First and last day that can be chosen. The last one ends before the longest life does. @param now epoch ms */
export function expiryRange(now: number): { first: string; last: string } {
  return { first: dayOf(new Date(now)), last: dayOf(new Date(now + (TOKEN_LIFETIME_DAYS.max - 1) * DAY_MS)) }
}

/** What is wrong with a choice, or null. @param now epoch ms */
export function checkExpiry(choice: ExpiryChoice, now: number): string | null {
  const end = expiryMoment(choice, now)
  if (end === null) return 'Choose the day on which the token ends.'
  if (end.getTime() <= now) return 'Choose a day that is not over yet.'

  const { last } = expiryRange(now)
  if (choice.kind === 'date' && choice.day > last)
    return `Choose a day within the next ${TOKEN_LIFETIME_DAYS.max} days.`
  return null
}
