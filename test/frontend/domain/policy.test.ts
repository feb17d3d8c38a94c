import { describe, expect, it } from 'vitest'

import { DEFAULT_POLICY } from '../../../forge/contract/policy.ts'
import { checkPolicy, describeImpact, differingFields } from '../../../frontend/domain/policy.ts'

const impact = { tokens: 0, people: 0, stoppedNow: 0, limitedNow: 0, widenedNow: 0, examples: [] }

describe('describeImpact', () => {
  it('says how many tokens of how many people, and what becomes of them', () => {
    const many = { ...impact, tokens: 14, people: 6, stoppedNow: 3, limitedNow: 9, widenedNow: 2 }
    expect(describeImpact(many)).toBe('14 tokens of 6 people; 3 stop now, 9 may do less, 2 may do more.')
  })

  it('speaks of one in the singular', () => {
    expect(describeImpact({ ...impact, tokens: 1, people: 1, stoppedNow: 1 })).toBe('1 token of 1 person; 1 stops now.')
  })

  it('says that nothing changes', () => {
    expect(describeImpact(impact)).toBe('No token that is in use changes.')
  })
})

describe('differingFields', () => {
  it('takes no notice of the order of a list', () => {
    const other = { ...DEFAULT_POLICY, grantTypes: [...DEFAULT_POLICY.grantTypes].reverse() }
    expect(differingFields(DEFAULT_POLICY, other)).toEqual([])
  })

  it('tells an empty field from one that does not matter', () => {
    expect(differingFields(DEFAULT_POLICY, { ...DEFAULT_POLICY, ssoFreshnessDays: NaN })).toEqual(['ssoFreshnessDays'])
  })
})

describe('checkPolicy', () => {
  it.each([0, 367, 1.5, NaN])('refuses %s days', (maxLifetimeDays) => {
    expect(checkPolicy({ ...DEFAULT_POLICY, maxLifetimeDays })['policy-lifetime']).toBe(
      'Enter a whole number from 1 to 366.',
    )
  })
})
