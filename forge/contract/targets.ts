import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema } from './common.ts'
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
        sso: Type.Union(
          [
            Type.Object({
              provider: Type.Object({ id: IdSchema, name: Type.String() }),
              thisSession: Type.Boolean({ description: 'The caller came through it: only then can they mint.' }),
              freshUntil: Type.Union([DateTimeSchema, Type.Null()], {
                description: 'Until when tokens go on here without another sign-in; null: they wait for one.',
              }),
            }),
            Type.Null(),
          ],
          { description: 'The identity provider that the team is reached through alone.' },
        ),
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

/** Sign-ins that keep tokens going. */
export const SignInListSchema = Type.Object(
  {
    signIns: Type.Array(
      Type.Object({
        provider: Type.Object({ id: IdSchema, name: Type.String() }),
        by: Type.Union([DateTimeSchema, Type.Null()], { description: 'Null: tokens wait for it already.' }),
        tokens: Type.Integer({ description: 'How many live tokens it keeps going.', examples: [3] }),
      }),
    ),
  },
  { $id: 'SignInList' },
)
export type SignInList = Static<typeof SignInListSchema>
