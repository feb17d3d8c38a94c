import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema, NameSchema } from './common.ts'

/** A program that the owners of a team have registered. It has no secret, and may reach what is the team's alone. */
export const OAuthClientSchema = Type.Object(
  {
    id: Type.String({ description: 'Its `client_id`.', examples: ['5b0b8e9a-6a51-4c33-8d53-0d6a3d5f2f10'] }),
    name: Type.String({ examples: ['Night shift robot'] }),
    createdBy: IdSchema,
    createdAt: DateTimeSchema,
  },
  { $id: 'OAuthClient' },
)
export type OAuthClient = Static<typeof OAuthClientSchema>

export const OAuthClientListSchema = Type.Object({ count: Type.Integer(), clients: Type.Array(OAuthClientSchema) })
export type OAuthClientList = Static<typeof OAuthClientListSchema>

export const CreateOAuthClientSchema = Type.Object(
  { name: NameSchema(100, 'Night shift robot') },
  { $id: 'CreateOAuthClient', additionalProperties: false },
)
export type CreateOAuthClient = Static<typeof CreateOAuthClientSchema>
