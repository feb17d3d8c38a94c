import type { OverrideRole, Role } from '@contract/role.ts'
import { ROLE_LEVELS, ROLES } from '@contract/role-levels.ts'
import { t } from '../messages/messages.ts'

export const ROLE_NAMES: Record<OverrideRole, string> = {
  none: t.rolesWords.noAccess,
  dashboard: t.rolesWords.dashboard,
  viewer: t.rolesWords.viewer,
  member: t.rolesWords.member,
  owner: t.rolesWords.owner,
}

/** What a token with this role may do at most (contract/tool.ts says what a tool asks for). */
export const ROLE_MEANINGS: Record<Role, string> = {
  dashboard: t.rolesWords.dashboardsAndPlainHttp,
  viewer: t.rolesWords.mcpToolsThatOnly,
  member: t.rolesWords.alsoToolsThatChange,
  owner: t.rolesWords.everyToolDestructiveOnes,
}

export const isAbove = (role: Role, limit: Role): boolean => ROLE_LEVELS[role] > ROLE_LEVELS[limit]

/** All roles, most first: the order in which people expect a ladder. */
export const ROLES_FROM_TOP: readonly Role[] = [...ROLES].reverse()

/** One sentence: what a token with this cap can call. */
export function describePower(role: Role, readOnly: boolean): string {
  if (role === 'dashboard') return readOnly ? t.rolesWords.canOnlyReadHttp : ROLE_MEANINGS.dashboard
  if (readOnly || role === 'viewer') return t.rolesWords.canCallReadingTools
  if (role === 'member') return t.rolesWords.canCallChangingTools
  return t.rolesWords.canCallEveryTool
}
