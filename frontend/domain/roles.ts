import type { OverrideRole, Role } from '@contract/role.ts'
import { ROLE_LEVELS, ROLES } from '@contract/role-levels.ts'

export const ROLE_NAMES: Record<OverrideRole, string> = {
  none: 'No access',
  dashboard: 'Dashboard',
  viewer: 'Viewer',
  member: 'Member',
  owner: 'Owner',
}

/** What a token with this role may do at most (contract/tool.ts says what a tool asks for). */
export const ROLE_MEANINGS: Record<Role, string> = {
  dashboard: 'Dashboards and plain HTTP endpoints. No MCP tools.',
  viewer: 'MCP tools that only read.',
  member: 'Also tools that change things, but do not destroy.',
  owner: 'Every tool, destructive ones too.',
}

export const isAbove = (role: Role, limit: Role): boolean => ROLE_LEVELS[role] > ROLE_LEVELS[limit]

/** All roles, most first: the order in which people expect a ladder. */
export const ROLES_FROM_TOP: readonly Role[] = [...ROLES].reverse()

/** One sentence: what a token with this cap can call. */
export function describePower(role: Role, readOnly: boolean): string {
  if (role === 'dashboard') return readOnly ? 'Can only read HTTP endpoints and dashboards.' : ROLE_MEANINGS.dashboard
  if (readOnly || role === 'viewer') return 'Can call tools that only read. Changes nothing.'
  if (role === 'member') return 'Can call tools that read and tools that change things, but none that destroy.'
  return 'Can call every tool, destructive ones too.'
}
