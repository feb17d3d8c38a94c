import { expect, it } from 'vitest'

import { toolRequirement } from '../../../forge/contract/tool.ts'
import { describePower, isAbove, ROLES_FROM_TOP } from '../../../frontend/domain/roles.ts'

it('lists the roles from the most to the least', () => {
  expect(ROLES_FROM_TOP).toEqual(['owner', 'member', 'viewer', 'dashboard'])
})

it.each([
  ['owner', false, 'Can call every tool, destructive ones too.'],
  ['owner', true, 'Can call tools that only read. Changes nothing.'],
  ['member', false, 'Can call tools that read and tools that change things, but none that destroy.'],
  ['viewer', false, 'Can call tools that only read. Changes nothing.'],
  ['dashboard', true, 'Can only read HTTP endpoints and dashboards.'],
] as const)('says what a token of role %s with read-only %s can do', (role, readOnly, words) => {
  expect(describePower(role, readOnly)).toBe(words)
})

it('promises of a viewer, a member and an owner what the rules for tools hold', () => {
  expect(isAbove(toolRequirement({ readOnlyHint: true }).role, 'viewer')).toBe(false)
  expect(isAbove(toolRequirement({ destructiveHint: false }).role, 'member')).toBe(false)
  expect(isAbove(toolRequirement({ destructiveHint: false }).role, 'viewer')).toBe(true)
  expect(isAbove(toolRequirement({ destructiveHint: true }).role, 'member')).toBe(true)
  expect(isAbove(toolRequirement({ readOnlyHint: true }).role, 'dashboard')).toBe(true)
})
