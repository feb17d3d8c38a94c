import { describe, expect, it } from 'vitest'

import { dayOf, formatRelative } from '../../../frontend/domain/dates.ts'
import { NOW } from '../support/samples.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('formatRelative', () => {
  it.each([
    [-20_000, 'just now'],
    [20_000, 'in less than a minute'],
    [-MINUTE, '1 minute ago'],
    [59 * MINUTE, 'in 59 minutes'],
    [-HOUR, '1 hour ago'],
    [47 * HOUR, 'in 47 hours'],
    [2 * DAY, 'in 2 days'],
    [30 * DAY - 1000, 'in 30 days'],
    [-59 * DAY, '59 days ago'],
    [90 * DAY, 'in 3 months'],
    [365 * DAY, 'in 12 months'],
    [-730 * DAY, '2 years ago'],
  ])('says a distance of %d ms as "%s"', (distance, words) => {
    expect(formatRelative(new Date(NOW + distance), NOW)).toBe(words)
  })
})

describe('dayOf', () => {
  it('names the local day', () => {
    expect(dayOf(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05')
  })
})
