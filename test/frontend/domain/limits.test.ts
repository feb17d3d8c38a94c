import { describe, expect, it } from 'vitest'

import { DEFAULT_POLICY, type TokenPolicy } from '../../../forge/contract/policy.ts'
import { highestAllowed, limitsOf, roleRefusal, targetRefusal } from '../../../frontend/domain/limits.ts'
import { listTargets, type Target } from '../../../frontend/domain/reach.ts'
import { TARGETS } from '../support/samples.ts'

/** What may be chosen where Line 4 has these rules and Research those of everybody. */
function targetsUnder(changes: Partial<TokenPolicy>): (name: string) => Target {
  const [line, research] = TARGETS.teams
  if (!line || !research) throw new Error('the samples have two teams')
  const targets = listTargets({ teams: [{ ...line, policy: { ...DEFAULT_POLICY, ...changes } }, research] })

  return (name) => {
    const found = targets.find((target) => target.name === name)
    if (!found) throw new Error(`no target ${name}`)
    return found
  }
}

describe('roles', () => {
  it('names whoever holds a role back: first the person, then the team', () => {
    const named = targetsUnder({ maxRole: 'viewer' })
    const limits = limitsOf([named('packer')])
    expect(roleRefusal(limits, 'owner')).toBe('You are Member there.')
    expect(roleRefusal(limits, 'member')).toBe('Line 4 allows no more than Viewer.')
    expect(roleRefusal(limits, 'viewer')).toBe('')
  })

  it('leave the lowest of what each allows', () => {
    const named = targetsUnder({ maxRole: 'dashboard' })
    expect(highestAllowed(limitsOf([named('packer'), named('Research')]))).toBe('dashboard')
    expect(highestAllowed(limitsOf([]))).toBeNull()
  })
})

describe('life', () => {
  it('is as short as the strictest team wants it', () => {
    const named = targetsUnder({ maxLifetimeDays: 14 })
    expect(limitsOf([named('Research'), named('packer')]).days).toEqual({
      most: 14,
      reason: 'Line 4 ends tokens after 14 days.',
    })
  })

  it('may have no end only where every team that is reached allows it', () => {
    const named = targetsUnder({ allowNoExpiry: true })
    expect(limitsOf([named('packer')]).end).toBe('')
    expect(limitsOf([named('packer'), named('Research')]).end).toBe('Research wants every token to end some day.')
    expect(limitsOf([]).end).not.toBe('')
  })
})

describe('approval', () => {
  it('is asked of each team whose production is reached, once', () => {
    const named = targetsUnder({ productionNeedsApproval: true })
    expect(limitsOf([named('meter'), named('Metering')]).approvers).toEqual(['Line 4'])
  })

  it('is not asked where nothing is marked production', () => {
    const named = targetsUnder({ productionNeedsApproval: true })
    expect(limitsOf([named('packer')]).approvers).toEqual([])
  })
})

describe('targetRefusal', () => {
  it('says that a team allows no tokens', () => {
    expect(targetRefusal(targetsUnder({ enabled: false })('packer'))).toBe('Line 4 does not allow tokens.')
  })

  it('says that a team wants what is reached named otherwise', () => {
    const named = targetsUnder({ grantTypes: ['instance'] })
    expect(targetRefusal(named('Line 4'))).toBe('Line 4 does not allow tokens for the whole team.')
    expect(targetRefusal(named('packer'))).toBe('')
  })
})
