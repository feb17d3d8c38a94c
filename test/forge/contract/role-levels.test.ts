import { describe, expect, it } from 'vitest'

import { higherRole, knownRole, lowerRole, roleFromLevel } from '../../../forge/contract/role-levels.ts'

describe('roles and their levels', () => {
  it('finds no role for a level between two of them', () => {
    expect(roleFromLevel(30)).toBe('member')
    expect(roleFromLevel(31)).toBeNull()
    expect(roleFromLevel(0)).toBeNull()
  })

  it('throws for a level that no database of ours holds', () => {
    expect(knownRole(5)).toBe('dashboard')
    expect(() => knownRole(0)).toThrow(TypeError)
  })

  it('compares roles by level, not by name', () => {
    expect(higherRole('viewer', 'dashboard')).toBe('viewer')
    expect(higherRole('member', 'owner')).toBe('owner')
    expect(lowerRole('viewer', 'dashboard')).toBe('dashboard')
    expect(lowerRole('member', 'owner')).toBe('member')
  })
})
