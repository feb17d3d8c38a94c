import { Type, type Static } from '@sinclair/typebox'

/**
 * Team roles with their levels, as FlowFuse numbers them. `none` is what an application override may set.
 * Roles compare by level only; a level that is not listed here grants nothing.
 */
export const ROLE_LEVELS = { none: 0, dashboard: 5, viewer: 10, member: 30, owner: 50 } as const

export const RoleSchema = Type.Union(
  [Type.Literal('dashboard'), Type.Literal('viewer'), Type.Literal('member'), Type.Literal('owner')],
  { description: 'A team role, from least to most: dashboard, viewer, member, owner.', examples: ['member'] },
)
export type Role = Static<typeof RoleSchema>

/** What an application override may be: a role, or `none`, which shuts the person out of that application. */
export const OverrideRoleSchema = Type.Union([Type.Literal('none'), ...RoleSchema.anyOf], {
  description: 'Replaces the team role for one application; `none` shuts the person out of it.',
  examples: ['viewer'],
})
export type OverrideRole = Static<typeof OverrideRoleSchema>

/** Roles that can be held, least first. */
export const ROLES: readonly Role[] = ['dashboard', 'viewer', 'member', 'owner']

/** The role with exactly this level, or null: an unknown number denies. */
export function roleFromLevel(level: number): Role | null {
  return ROLES.find((role) => ROLE_LEVELS[role] === level) ?? null
}
