import { Type, type Static } from '@sinclair/typebox'

export { higherRole, knownRole, lowerRole, ROLE_LEVELS, ROLES, roleFromLevel } from './role-levels.ts'

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
