import { Type, type Static } from '@sinclair/typebox'

import { IdSchema } from './common.ts'
import { TokenPolicySchema } from './policy.ts'
import { RoleSchema } from './role.ts'

/** What the signed-in person may put into a grant, with the role that they hold there now. */
export const TokenTargetsSchema = Type.Object(
  {
    teams: Type.Array(
      Type.Object({
        id: IdSchema,
        name: Type.String(),
        role: RoleSchema,
        policy: TokenPolicySchema,
        applications: Type.Array(
          Type.Object({
            id: IdSchema,
            name: Type.String(),
            role: RoleSchema,
            instances: Type.Array(
              Type.Object({ id: IdSchema, name: Type.String(), url: Type.String(), production: Type.Boolean() }),
            ),
          }),
        ),
      }),
    ),
  },
  { $id: 'TokenTargets' },
)
export type TokenTargets = Static<typeof TokenTargetsSchema>
