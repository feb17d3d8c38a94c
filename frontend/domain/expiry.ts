import { TOKEN_LIFETIME_DAYS } from '@contract/token-lifetime.ts'

import { DAY_MS, dayOf } from './dates.ts'
import { t } from '../messages/messages.ts'

/**
 * How long a token lives: a number of days from the moment of minting, to the end of a day, for ever, or as long as it
 * did before it was edited.
 */
export type ExpiryChoice =
  | { kind: 'days'; days: number }
  | { kind: 'date'; day: string }
  | { kind: 'never' }
  | { kind: 'kept'; at: string | null }

export const EXPIRY_PRESETS: readonly { days: number; label: string }[] = [
  { days: 7, label: t.expiryWords.days(7) },
  { days: TOKEN_LIFETIME_DAYS.default, label: t.expiryWords.days(TOKEN_LIFETIME_DAYS.default) },
  { days: 90, label: t.expiryWords.days(90) },
  { days: 365, label: t.expiryWords.oneYear },
]

export const DEFAULT_EXPIRY: ExpiryChoice = { kind: 'days', days: TOKEN_LIFETIME_DAYS.default }

/** What is offered: with the longest life that there may be, where that is none of the usual ones. */
export function presetsWithin(maxDays: number): typeof EXPIRY_PRESETS {
  if (maxDays === TOKEN_LIFETIME_DAYS.max || EXPIRY_PRESETS.some(({ days }) => days === maxDays)) return EXPIRY_PRESETS
  return [...EXPIRY_PRESETS, { days: maxDays, label: t.expiryWords.days(maxDays) }].sort((a, b) => a.days - b.days)
}

/** A clock that runs ahead of the forge's must not make the longest life that a team allows too long for it. */
const CLOCK_SLACK_MS = 5 * 60_000

/**
 * The moment at which a choice ends; null when it names none, or never ends. A chosen day counts to its last second,
 * local time. @param maxDays the longest life that there may be
 */
export function expiryMoment(choice: ExpiryChoice, now: number, maxDays: number = Infinity): Date | null {
  if (choice.kind === 'never') return null
  if (choice.kind === 'kept') return choice.at === null ? null : new Date(choice.at)
  if (choice.kind === 'days') {
    const slack = choice.days === maxDays ? CLOCK_SLACK_MS : 0
    return new Date(now + choice.days * DAY_MS - slack)
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(choice.day)) return null

  const end = new Date(`${choice.day}T23:59:59`)
  return Number.isNaN(end.getTime()) ? null : end
}

/** Whether a choice lets the token live for ever. */
export const isEndless = (choice: ExpiryChoice): boolean =>
  choice.kind === 'never' || (choice.kind === 'kept' && choice.at === null)

/** First and last day that can be chosen. The last one ends before the longest life does. @param now epoch ms */
export function expiryRange(now: number, maxDays: number = TOKEN_LIFETIME_DAYS.max): { first: string; last: string } {
  return { first: dayOf(new Date(now)), last: dayOf(new Date(now + Math.max(0, maxDays - 1) * DAY_MS)) }
}

/** What is wrong with a choice, or null. What was chosen before may stay as it is. @param now epoch ms */
export function checkExpiry(
  choice: ExpiryChoice,
  now: number,
  maxDays: number = TOKEN_LIFETIME_DAYS.max,
): string | null {
  if (isEndless(choice) || choice.kind === 'kept') return null

  if (choice.kind === 'days' && choice.days > maxDays) return t.expiryWords.chooseAtMostDays(maxDays)

  const end = expiryMoment(choice, now)
  if (end === null) return t.expiryWords.chooseTheDayOn
  if (end.getTime() <= now) return t.expiryWords.chooseADayThat

  const { last } = expiryRange(now, maxDays)
  if (choice.kind === 'date' && choice.day > last) return t.expiryWords.chooseADayWithin(maxDays)
  return null
}
