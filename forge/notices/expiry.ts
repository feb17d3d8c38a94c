import type { NoticeBody } from '../contract/notice.ts'

/** A token that ends within the days that `warningWindow` spans. */
export interface ExpiringToken {
  id: string
  userId: string
  name: string
  createdAt: Date
  expiresAt: Date
}

/** That the owner was told of one end, so many days ahead. */
export interface ExpiryWarning {
  tokenId: string
  /** Day of the calendar in UTC, `2026-12-07`. */
  expiresOn: string
  daysAhead: number
}

/** What one person is to be told today. */
export interface Digest {
  userId: string
  body: NoticeBody<'tokens-end'>
  warnings: ExpiryWarning[]
}

/** How many days before its last day a token's owner is told, the most urgent first. */
const DAYS_AHEAD = [0, 3, 14]
/** An end that nobody was told of, because no forge was running, is still told within so many days. */
const TOLD_AFTERWARDS_DAYS = 7
const DAY_MS = 86_400_000

/** The ends of tokens that matter on a day: from a week ago to the last second of the day in 14 days, in UTC. */
export function warningWindow(now: Date): { from: Date; to: Date } {
  const today = startOfDay(now)
  return {
    from: new Date(today - TOLD_AFTERWARDS_DAYS * DAY_MS),
    to: new Date(today + (Math.max(...DAYS_AHEAD) + 1) * DAY_MS),
  }
}

/**
 * What each owner is to be told now. Of a token that is past several thresholds, because no forge was running in
 * between, only the most urgent counts.
 * @param told what was said before, as `warningKey` writes it
 */
export function planDigests(tokens: ExpiringToken[], told: ReadonlySet<string>, now: Date): Digest[] {
  const digests = new Map<string, Digest>()

  for (const token of tokens) {
    const warning = warningFor(token, now)
    if (!warning || told.has(warningKey(warning))) continue

    const digest = digests.get(token.userId) ?? { userId: token.userId, body: { tokens: [] }, warnings: [] }
    digest.body.tokens.push({
      id: token.id,
      name: token.name,
      expiresAt: token.expiresAt.toISOString(),
      daysLeft: daysBetween(now, token.expiresAt),
      ended: token.expiresAt.getTime() <= now.getTime(),
    })
    digest.warnings.push(warning)
    digests.set(token.userId, digest)
  }
  return [...digests.values()]
}

export function warningKey({ tokenId, expiresOn, daysAhead }: ExpiryWarning): string {
  return `${tokenId} ${expiresOn} ${daysAhead}`
}

/** The day in UTC, `2026-12-07`. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10)
}

/** The most urgent threshold that a token has reached; null before the first. */
function warningFor({ id, createdAt, expiresAt }: ExpiringToken, now: Date): ExpiryWarning | null {
  const daysLeft = daysBetween(now, expiresAt)
  const daysAhead = DAYS_AHEAD.find((days) => daysLeft <= days)
  if (daysAhead === undefined) return null

  // Who has just chosen an end that near need not be told of it.
  if (daysBetween(createdAt, expiresAt) <= daysAhead) return null
  return { tokenId: id, expiresOn: dayOf(expiresAt), daysAhead }
}

/** Days of the calendar in UTC from one time to another; negative when the other is earlier. */
function daysBetween(from: Date, to: Date): number {
  return (startOfDay(to) - startOfDay(from)) / DAY_MS
}

/** Epoch ms. A day of UTC has no daylight saving and, in epoch time, no leap seconds. */
function startOfDay(time: Date): number {
  return Math.floor(time.getTime() / DAY_MS) * DAY_MS
}
