import { describe, expect, it } from 'vitest'

import { checkExpiry, expiryMoment, expiryRange } from '../../../frontend/domain/expiry.ts'

const now = new Date(2026, 10, 23, 9, 0).getTime()

describe('expiryMoment', () => {
  it('counts days from now to the second', () => {
    expect(expiryMoment({ kind: 'days', days: 30 }, now)?.getTime()).toBe(now + 30 * 86_400_000)
  })

  it('ends a chosen day with its last second in local time', () => {
    expect(expiryMoment({ kind: 'date', day: '2026-12-23' }, now)).toEqual(new Date(2026, 11, 23, 23, 59, 59))
  })

  it.each(['', '2026-13-45', 'tomorrow'])('knows no moment for "%s"', (day) => {
    expect(expiryMoment({ kind: 'date', day }, now)).toBeNull()
  })
})

describe('checkExpiry', () => {
  it.each([
    [{ kind: 'days', days: 365 } as const],
    [{ kind: 'date', day: '2026-11-23' } as const],
    [{ kind: 'date', day: '2027-11-23' } as const],
  ])('accepts %o', (choice) => {
    expect(checkExpiry(choice, now)).toBeNull()
  })

  it.each([
    ['', 'Choose the day on which the token ends.'],
    ['2026-11-22', 'Choose a day that is not over yet.'],
    ['2027-11-24', 'Choose a day within the next 366 days.'],
    ['9999-12-31', 'Choose a day within the next 366 days.'],
  ])('refuses the day "%s"', (day, words) => {
    expect(checkExpiry({ kind: 'date', day }, now)).toBe(words)
  })

  it('takes the last day that it offers', () => {
    const end = expiryMoment({ kind: 'date', day: expiryRange(now).last }, now)
    expect(end?.getTime()).toBeLessThanOrEqual(now + 366 * 86_400_000)
  })
})
