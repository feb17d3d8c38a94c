import { Type, type Static } from '@sinclair/typebox'

import { IdSchema } from './common.ts'

export const GrantTypeSchema = Type.Union(
  [Type.Literal('instance'), Type.Literal('application'), Type.Literal('team')],
  { description: '`application` and `team` include instances that are created later.', examples: ['instance'] },
)
export type GrantType = Static<typeof GrantTypeSchema>

/** From the widest to the narrowest. */
export const GRANT_TYPES = ['team', 'application', 'instance'] as const satisfies readonly GrantType[]

/** What a token may reach. */
export const GrantSchema = Type.Object({ type: GrantTypeSchema, id: IdSchema }, { additionalProperties: false })
export type Grant = Static<typeof GrantSchema>
