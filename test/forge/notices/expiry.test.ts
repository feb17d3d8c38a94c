import { describe, expect, it } from 'vitest'

import { planDigests, warningKey, warningWindow, type ExpiringToken } from '../../../forge/notices/expiry.ts'

const ENDS = '2026-12-21T09:00:00.000Z'

const ending = (changes: Partial<ExpiringToken> = {}): ExpiringToken => ({
  id: 't1',
  userId: 'alice',
  name: 'Claude Code',
  createdAt: new Date('2026-11-01T12:00:00.000Z'),
  expiresAt: new Date(ENDS),
  ...changes,
})

/** Days ahead of the warning that is due at a moment; undefined when none is. */
function dueAt(now: string, token = ending(), told: string[] = []): number | undefined {
  return planDigests([token], new Set(told), new Date(now))[0]?.warnings[0]?.daysAhead
}

describe('planDigests', () => {
  it.each([
    ['2026-12-06T23:59:59.999Z', undefined],
    ['2026-12-07T00:00:00.000Z', 14],
    ['2026-12-17T23:59:59.999Z', 14],
    ['2026-12-18T00:00:00.000Z', 3],
    ['2026-12-20T23:59:59.999Z', 3],
    ['2026-12-21T00:00:00.000Z', 0],
    ['2026-12-21T09:00:00.000Z', 0],
    ['2026-12-22T00:00:00.000Z', 0],
  ])('at %s a token that ends on 21 December is due for %s days ahead', (now, days) => {
    expect(dueAt(now)).toBe(days)
  })

  it.each([
    ['the last second of the day', '2026-12-21T23:59:59.000Z', '2026-12-07T00:00:00.000Z', 14],
    ['the first second of the day', '2026-12-21T00:00:00.000Z', '2026-12-07T00:00:00.000Z', 14],
    ['the last second of the day before', '2026-12-20T23:59:59.000Z', '2026-12-06T00:00:00.000Z', 14],
  ])('counts days of the calendar for an end at %s', (_what, expiresAt, now, days) => {
    expect(dueAt(now, ending({ expiresAt: new Date(expiresAt) }))).toBe(days)
    expect(
      dueAt(new Date(Date.parse(now) - 1).toISOString(), ending({ expiresAt: new Date(expiresAt) })),
    ).toBeUndefined()
  })

  it('tells nobody twice of the same end and threshold', () => {
    const told = [warningKey({ tokenId: 't1', expiresOn: '2026-12-21', daysAhead: 14 })]

    expect(dueAt('2026-12-08T00:00:00.000Z', ending(), told)).toBeUndefined()
    expect(dueAt('2026-12-18T00:00:00.000Z', ending(), told)).toBe(3)
  })

  it('tells again when the token ends on another day', () => {
    const told = [warningKey({ tokenId: 't1', expiresOn: '2026-12-15', daysAhead: 14 })]
    expect(dueAt('2026-12-08T00:00:00.000Z', ending(), told)).toBe(14)
  })

  it('tells the most urgent only when no forge ran for a while', () => {
    const told = [warningKey({ tokenId: 't1', expiresOn: '2026-12-21', daysAhead: 0 })]

    expect(dueAt('2026-12-21T12:00:00.000Z')).toBe(0)
    expect(dueAt('2026-12-21T12:00:00.000Z', ending(), told)).toBeUndefined()
  })

  it.each([
    [14, '2026-12-07T00:00:00.000Z', undefined],
    [14, '2026-12-18T00:00:00.000Z', 3],
    [3, '2026-12-18T00:00:00.000Z', undefined],
    [3, '2026-12-21T00:00:00.000Z', 0],
    [0, '2026-12-21T08:59:59.000Z', undefined],
  ])('does not warn of an end that its owner chose %s days ahead (at %s: %s)', (days, now, due) => {
    const createdAt = new Date(Date.parse(ENDS) - days * 86_400_000)
    expect(dueAt(now, ending({ createdAt }))).toBe(due)
  })

  it('says that a token has ended from the second on in which it ends', () => {
    const endedAt = (now: string) => planDigests([ending()], new Set(), new Date(now))[0]?.body.tokens[0]?.ended

    expect(endedAt('2026-12-21T08:59:59.999Z')).toBe(false)
    expect(endedAt('2026-12-21T09:00:00.000Z')).toBe(true)
  })

  it('puts all tokens of a person into one digest', () => {
    const digests = planDigests(
      [ending(), ending({ id: 't2', userId: 'bob' }), ending({ id: 't3', name: 'Script' })],
      new Set(),
      new Date('2026-12-07T00:00:00.000Z'),
    )

    expect(digests.map(({ userId, body }) => [userId, body.tokens.map(({ id }) => id)])).toEqual([
      ['alice', ['t1', 't3']],
      ['bob', ['t2']],
    ])
  })
})

describe('warningWindow', () => {
  it('spans whole days of UTC, a week back and 14 days ahead', () => {
    expect(warningWindow(new Date('2026-12-07T23:59:59.999Z'))).toEqual({
      from: new Date('2026-11-30T00:00:00.000Z'),
      to: new Date('2026-12-22T00:00:00.000Z'),
    })
  })
})
