import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema } from './common.ts'
import { RoleSchema } from './role.ts'

/** Instances that an answer lists; a team may have thousands. */
export const WHOAMI_INSTANCES = 50

/** What a token is told about itself. */
export const WhoAmISchema = Type.Object(
  {
    user: Type.Object({ id: IdSchema, username: Type.String(), name: Type.String() }),
    token: Type.Object({
      id: IdSchema,
      name: Type.String(),
      role: RoleSchema,
      readOnly: Type.Boolean(),
      tools: Type.Union([Type.Array(Type.String()), Type.Null()], {
        description: 'Names of the only MCP tools that it may call; null for no such limit.',
      }),
      expiresAt: Type.Union([DateTimeSchema, Type.Null()]),
    }),
    instances: Type.Array(
      Type.Object({
        id: IdSchema,
        name: Type.String(),
        url: Type.String(),
        team: Type.Object({ id: IdSchema, name: Type.String() }),
        production: Type.Boolean({ description: 'Real work depends on it; the team may want tokens approved.' }),
        allowed: Type.Boolean(),
        role: Type.Union([RoleSchema, Type.Null()], {
          description: 'What the token is worth there now; null when it is refused.',
        }),
        readOnly: Type.Boolean(),
        mcpOnly: Type.Boolean(),
        reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it is refused there.' }),
      }),
      { description: `The instances that it reaches now, at most ${WHOAMI_INSTANCES}.` },
    ),
    note: Type.Union([Type.String(), Type.Null()], {
      description: 'Says so when instances were left out; otherwise null.',
    }),
  },
  { $id: 'WhoAmI' },
)
export type WhoAmI = Static<typeof WhoAmISchema>
