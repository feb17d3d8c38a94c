import { describe, expect, it } from 'vitest'

import {
  groupOf,
  groupTokens,
  searchTokens,
  sortOf,
  sortTokens,
  withoutSecret,
} from '../../../frontend/domain/token-list.ts'
import { NOW, SECRET, token, use } from '../support/samples.ts'

const ids = (tokens: { id: string }[]) => tokens.map(({ id }) => id)
const daysAgo = (days: number) => new Date(NOW - days * 86_400_000).toISOString()

describe('groupTokens', () => {
  it.each([
    ['ends in 14 days, to the millisecond', { expiresAt: daysAgo(-14) }, []],
    ['ends a moment before that', { expiresAt: new Date(NOW + 14 * 86_400_000 - 1).toISOString() }, ['expiring']],
    ['never ends', { expiresAt: null }, []],
    ['was used 30 days ago', { createdAt: daysAgo(90), lastUse: use(daysAgo(30), 'packer') }, ['unused']],
    ['was used 29 days ago', { createdAt: daysAgo(90), lastUse: use(daysAgo(29), 'packer') }, []],
    ['is new and was never used', { createdAt: daysAgo(3) }, []],
    ['is old and was never used', { createdAt: daysAgo(31) }, ['unused']],
  ] as const)('counts one that %s', (_, changes, expected) => {
    const { expiring, unused } = groupTokens([token(changes)], NOW)
    expect([...expiring.map(() => 'expiring'), ...unused.map(() => 'unused')]).toEqual(expected)
  })

  it('keeps what instances exchanged for apart from everything else, live or ended', () => {
    const exchanged = { issuedVia: 'exchange', parentId: 'k1', expiresAt: daysAgo(-0.01) } as const
    const groups = groupTokens(
      [token(), token({ ...exchanged, id: 'x1' }), token({ ...exchanged, id: 'x2', state: 'expired' })],
      NOW,
    )
    expect(ids(groups.exchanged)).toEqual(['x1', 'x2'])
    expect([groups.active, groups.expiring, groups.unused, groups.ended].map(ids)).toEqual([['k1'], [], [], []])
  })

  it('counts what has ended as ended alone', () => {
    const groups = groupTokens([token({ state: 'revoked', expiresAt: daysAgo(-1), createdAt: daysAgo(90) })], NOW)
    expect([groups.active, groups.expiring, groups.unused].flat()).toEqual([])
    expect(ids(groups.ended)).toEqual(['k1'])
  })
})

describe('searchTokens', () => {
  const tokens = [token(), token({ id: 'k2', selector: 'OTHERotherOT', name: 'Nightly report', description: 'Meters' })]

  it.each([
    ['nightly', ['k2']],
    ['PACKER', ['k1', 'k2']],
    ['meters', ['k2']],
    ['4hPq0', ['k1']],
    ['  ', ['k1', 'k2']],
    ['nothing like it', []],
  ])('finds what “%s” is in', (text, expected) => {
    expect(ids(searchTokens(tokens, text))).toEqual(expected)
  })

  it('finds a token by its whole text, of which the public part alone is kept', () => {
    expect(withoutSecret(SECRET)).toBe('ffpat_4hPq0ZcT7mRk')
    expect(ids(searchTokens(tokens, withoutSecret(SECRET)))).toEqual(['k1'])
  })

  it('leaves every other text as it is', () => {
    expect(withoutSecret('ffpat_4hPq0 of packer')).toBe('ffpat_4hPq0 of packer')
  })
})

describe('sortTokens', () => {
  const tokens = [
    token({ id: 'a', name: 'b', createdAt: daysAgo(2), expiresAt: null, lastUse: use(daysAgo(1), 'packer') }),
    token({ id: 'b', name: 'a', createdAt: daysAgo(1), expiresAt: daysAgo(-5) }),
    token({ id: 'c', name: 'c', createdAt: daysAgo(3), expiresAt: null, lastUse: use(daysAgo(0), 'packer') }),
  ]
  it.each([
    ['newest', 'bac'],
    ['ends', 'bac'],
    ['used', 'cab'],
    ['name', 'bac'],
    ['health', 'cba'],
  ] as const)('by %s', (sort, expected) => {
    const score: Record<string, number> = { a: 90, b: 50, c: 10 }
    expect(ids(sortTokens(tokens, sort, ({ id }) => score[id] ?? 0)).join('')).toBe(expected)
  })
})

it('takes an address that somebody edited by hand for what it can mean', () => {
  expect([groupOf('expiring'), groupOf('everything'), sortOf('name'), sortOf('')]).toEqual([
    'expiring',
    'active',
    'name',
    'newest',
  ])
})
