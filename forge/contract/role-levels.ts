import type { Role } from './role.ts'

/**
 * Team roles with their levels, as FlowFuse numbers them. `none` is what an application override may set.
 * Roles compare by level only; a level that is not listed here grants nothing.
 * Apart from the schemas, so that the pages carry these few lines and no TypeBox.
 */
export const ROLE_LEVELS = { none: 0, dashboard: 5, viewer: 10, member: 30, owner: 50 } as const

/** Roles that can be held, least first. */
export const ROLES: readonly Role[] = ['dashboard', 'viewer', 'member', 'owner']

/** The role with exactly this level, or null: an unknown number denies. */
export function roleFromLevel(level: number): Role | null {
  return ROLES.find((role) => ROLE_LEVELS[role] === level) ?? null
}

/** The role of a level that a database constraint has let in. @throws {TypeError} for any other */
export function knownRole(level: number): Role {
  const role = roleFromLevel(level)
  if (!role) throw new TypeError(`there is no role with the level ${level}`)
  return role
}

export function higherRole(a: Role, b: Role): Role {
  return ROLE_LEVELS[b] > ROLE_LEVELS[a] ? b : a
}

export function lowerRole(a: Role, b: Role): Role {
  return ROLE_LEVELS[b] < ROLE_LEVELS[a] ? b : a
}
