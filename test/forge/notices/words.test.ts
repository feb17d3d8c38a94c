import { describe, expect, it } from 'vitest'

import type { NoticeContent } from '../../../forge/contract/notice.ts'
import { oneLine, wordsFor } from '../../../forge/notices/words.ts'

const token = { id: 't1', name: 'Claude Code' }
const ending = { ...token, expiresAt: '2026-12-07T10:00:00.000Z', daysLeft: 14, ended: false }
const tokensEnd = (...tokens: (typeof ending)[]): NoticeContent => ({ kind: 'tokens-end', body: { tokens } })

describe('wordsFor', () => {
  it.each([
    [{ daysLeft: 14 }, 'Your token “Claude Code” ends in 14 days'],
    [{ daysLeft: 1 }, 'Your token “Claude Code” ends tomorrow'],
    [{ daysLeft: 0 }, 'Your token “Claude Code” ends today'],
    [{ daysLeft: 0, ended: true }, 'Your token “Claude Code” has ended'],
    [{ daysLeft: -2, ended: true }, 'Your token “Claude Code” has ended'],
  ])('says when a token ends: %o', (when, title) => {
    expect(wordsFor(tokensEnd({ ...ending, ...when })).title).toBe(title)
  })

  it('names every token of a digest, the most urgent first', () => {
    const later = { ...ending, id: 't2', name: 'Later', expiresAt: '2026-12-08T10:00:00.000Z', daysLeft: 15 }

    expect(wordsFor(tokensEnd(later, ending))).toEqual({
      title: '2 of your tokens end soon',
      lines: [
        '“Claude Code” ends in 14 days, on 7 December 2026, 10:00 UTC.',
        '“Later” ends in 15 days, on 8 December 2026, 10:00 UTC.',
        'Whatever uses it is refused from then on. Replace it before, if it is still needed.',
      ],
    })
  })

  it('lists 50 tokens and counts the rest', () => {
    const { title, lines } = wordsFor(tokensEnd(...Array.from({ length: 53 }, () => ending)))

    expect(title).toBe('53 of your tokens end soon')
    expect(lines).toHaveLength(52)
    expect(lines[50]).toBe('And 3 more.')
  })

  it('says for what a token was revoked, and by whom', () => {
    const reach = { type: 'team', id: 'a', name: 'Line 4' } as const

    expect(wordsFor({ kind: 'token-revoked', body: { token, by: 'Olga Owner', reach } })).toEqual({
      title: 'Your token “Claude Code” was revoked for the team “Line 4”',
      lines: ['“Olga Owner” did it.', 'It still works elsewhere.'],
    })
    expect(wordsFor({ kind: 'token-revoked', body: { token, by: 'Olga Owner', reach: null } }).title).toBe(
      'Your token “Claude Code” was revoked',
    )
  })

  it('says all that is known about the use of a retired token', () => {
    const body = {
      token,
      at: '2026-11-23T08:30:00.000Z',
      instance: { id: 'i1', name: 'press-7' },
      client: 'curl/8.1',
      address: '203.0.113.9',
    }

    expect(wordsFor({ kind: 'retired-token-used', body }).lines.slice(0, 4)).toEqual([
      'It was refused on 23 November 2026, 08:30 UTC.',
      'Instance: “press-7”.',
      'Client, as it calls itself: “curl/8.1”.',
      'Address: 203.0.113.9.',
    ])
  })

  it('lets no name leave its quotation marks', () => {
    const body = { token: { id: 't1', name: 'a” is safe. “b' }, by: 'Olga', reach: null }

    expect(wordsFor({ kind: 'token-revoked', body }).title).toBe('Your token “a" is safe. "b” was revoked')
  })

  it('leaves out what is not known', () => {
    const body = { token, at: '2026-11-23T08:30:00.000Z', instance: null, client: null, address: null }
    expect(wordsFor({ kind: 'retired-token-used', body }).lines).toHaveLength(2)
  })

  it.each([
    ['holder', 'Somebody who has its text handed it in as leaked on 23 November 2026, 08:30 UTC.'],
    ['github', "GitHub's secret scanning found its text on 23 November 2026, 08:30 UTC."],
  ] as const)('says where a leak report came from: %s', (source, line) => {
    const body = { token, at: '2026-11-23T08:30:00.000Z', source, url: null }
    expect(wordsFor({ kind: 'token-leaked', body }).lines[0]).toBe(line)
  })

  it('asks an owner to approve, with the reason', () => {
    const body = {
      token,
      team: { id: 'a', name: 'Line 4' },
      instance: { id: 'i1', name: 'press-7' },
      requester: 'Alice',
      reason: 'Watch the press\nat night',
    }

    expect(wordsFor({ kind: 'approval-requested', body })).toEqual({
      title: '“Alice” asks you to approve a token for the instance “press-7”',
      lines: [
        'Token: “Claude Code”.',
        'Reason: “Watch the press at night”',
        'It does not work there until an owner of the team has approved it.',
      ],
    })
  })

  it.each([
    ['approved', 'It works there from now on.'],
    ['refused', 'It does not work there.'],
  ] as const)('tells the requester that it was %s', (decision, line) => {
    const body = { token, team: { id: 'a', name: 'Line 4' }, instance: null, decision, by: 'Olga' }

    expect(wordsFor({ kind: 'approval-decided', body })).toEqual({
      title: `Your token “Claude Code” was ${decision} for the team “Line 4”`,
      lines: ['“Olga” decided it.', line],
    })
  })

  it('says what a new policy does to each token', () => {
    const tokens = [
      { ...token, effect: 'stopped' as const },
      { id: 't2', name: 'Script', effect: 'limited' as const },
    ]
    const body = { team: { id: 'a', name: 'Line 4' }, by: 'Olga', tokens }

    expect(wordsFor({ kind: 'policy-changed', body }).lines.slice(1)).toEqual([
      '“Claude Code” no longer works there.',
      '“Script” may do less there.',
    ])
  })
})

describe('oneLine', () => {
  it.each([
    ['line breaks', 'a\r\nBcc: b@example.com', 'a Bcc: b@example.com'],
    ['other separators of lines', 'a\u2028b\u2029c\u0085d', 'a b c d'],
    ['overrides of the reading direction', 'a\u202Eb', 'a b'],
    ['NUL', 'a\0b', 'a b'],
    ['half a surrogate pair', 'a\uD800b', 'a b'],
  ])('removes %s', (_what, text, expected) => {
    expect(oneLine(text, 100)).toBe(expected)
  })

  it('cuts what is too long', () => {
    expect(oneLine('abcdef', 4)).toBe('abc…')
    expect(oneLine('abcd', 4)).toBe('abcd')
  })

  it('never cuts a character in two', () => {
    expect(oneLine('ab😀cd', 4)).toBe('ab…')
  })
})
