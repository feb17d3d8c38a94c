import { describe, expect, it } from 'vitest'

import { objections, type Wish } from '../../../forge/access/minting.ts'
import { DEFAULT_POLICY } from '../../../forge/contract/policy.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const DAY_MS = 86_400_000
const wish: Wish = { role: 'member', readOnly: false, grantTypes: ['instance'], expiresAt: now + 30 * DAY_MS }

describe('objections', () => {
  it('has nothing against an ordinary wish where nobody has set a policy', () => {
    expect(objections(DEFAULT_POLICY, wish, now)).toEqual([])
  })

  it.each([
    [{ enabled: false }, 'it does not allow tokens'],
    [{ maxRole: 'viewer' as const }, 'it allows no more than the role viewer'],
    [{ readOnlyOnly: true }, 'it allows read-only tokens alone'],
    [{ grantTypes: ['team' as const] }, 'it does not allow a token to reach single instances'],
    [{ maxLifetimeDays: 29 }, 'it wants tokens to end within 29 days, by 2026-12-22T12:00:00.000Z'],
  ])('objects under %j: %s', (change, objection) => {
    expect(objections({ ...DEFAULT_POLICY, ...change }, wish, now)).toEqual([objection])
  })

  it('names everything at once', () => {
    const policy = { ...DEFAULT_POLICY, maxRole: 'viewer' as const, readOnlyOnly: true, maxLifetimeDays: 7 }
    expect(objections(policy, wish, now)).toHaveLength(3)
  })

  it('accepts the very last moment that the policy allows, and not one more', () => {
    const policy = { ...DEFAULT_POLICY, maxLifetimeDays: 30 }
    expect(objections(policy, wish, now)).toEqual([])
    expect(objections(policy, { ...wish, expiresAt: now + 30 * DAY_MS + 1 }, now)).toHaveLength(1)
  })

  it('accepts a token without an end only where that is allowed', () => {
    const endless = { ...wish, expiresAt: null }
    expect(objections(DEFAULT_POLICY, endless, now)).toEqual(['it wants every token to end some day'])
    expect(objections({ ...DEFAULT_POLICY, allowNoExpiry: true }, endless, now)).toEqual([])
  })
})
