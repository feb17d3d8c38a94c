import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema, NameSchema, PageSchema } from './common.ts'
import { RoleSchema } from './role.ts'
import { TOKEN_LIFETIME_DAYS } from './token-lifetime.ts'

export const GrantTypeSchema = Type.Union(
  [Type.Literal('instance'), Type.Literal('application'), Type.Literal('team')],
  { description: '`application` and `team` include instances that are created later.', examples: ['instance'] },
)
export type GrantType = Static<typeof GrantTypeSchema>

/** What a token may reach. */
export const GrantSchema = Type.Object({ type: GrantTypeSchema, id: IdSchema }, { additionalProperties: false })
export type Grant = Static<typeof GrantSchema>

/** A grant as it is shown: with the name of what it reaches, or null once that is gone or out of the owner's sight. */
export const NamedGrantSchema = Type.Object({
  type: GrantTypeSchema,
  id: IdSchema,
  name: Type.Union([Type.String(), Type.Null()]),
})
export type NamedGrant = Static<typeof NamedGrantSchema>

export const TokenStateSchema = Type.Union([Type.Literal('active'), Type.Literal('expired'), Type.Literal('revoked')])
export type TokenState = Static<typeof TokenStateSchema>

/** The record. It never holds the secret. */
export const TokenSchema = Type.Object(
  {
    id: IdSchema,
    selector: Type.String({
      description: 'The public part of the text, between the two underscores.',
      examples: ['4hPq0ZcT7mRk'],
    }),
    name: Type.String(),
    description: Type.String(),
    role: RoleSchema,
    readOnly: Type.Boolean({ description: 'Only read-only tools, and only GET and HEAD on plain HTTP endpoints.' }),
    grants: Type.Array(NamedGrantSchema),
    state: TokenStateSchema,
    createdAt: DateTimeSchema,
    expiresAt: Type.Union([DateTimeSchema, Type.Null()]),
    revokedAt: Type.Union([DateTimeSchema, Type.Null()]),
    lastUse: Type.Union([
      Type.Object({ at: DateTimeSchema, instanceId: IdSchema, instanceName: Type.Union([Type.String(), Type.Null()]) }),
      Type.Null(),
    ]),
  },
  { $id: 'Token' },
)
export type Token = Static<typeof TokenSchema>

export const TokenPageSchema = PageSchema('tokens', TokenSchema)
export type TokenPage = Static<typeof TokenPageSchema>

export { TOKEN_LIFETIME_DAYS }

export const CreateTokenSchema = Type.Object(
  {
    name: NameSchema(100, 'Claude Code on my laptop'),
    description: Type.Optional(
      Type.String({ maxLength: 1000, pattern: '^[^\\p{Cc}]*$', examples: ['Reads the line metrics every morning.'] }),
    ),
    role: RoleSchema,
    readOnly: Type.Boolean({ examples: [true] }),
    grants: Type.Array(GrantSchema, {
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      examples: [[{ type: 'instance', id: '5b0b8e9a-6a51-4c33-8d53-0d6a3d5f2f10' }]],
    }),
    expiresAt: Type.String({
      format: 'date-time',
      description: `Within the next ${TOKEN_LIFETIME_DAYS.max} days.`,
      examples: ['2026-12-23T00:00:00.000Z'],
    }),
  },
  { $id: 'CreateToken', additionalProperties: false },
)
export type CreateToken = Static<typeof CreateTokenSchema>

/** The one answer that holds the secret: shown once, kept nowhere. */
export const CreatedTokenSchema = Type.Composite(
  [
    TokenSchema,
    Type.Object({
      token: Type.String({
        description: 'The text to store now. It cannot be shown again.',
        // The checksum is wrong on purpose, so that no scanner takes this for a real one.
        examples: ['ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'],
      }),
    }),
  ],
  { $id: 'CreatedToken' },
)
export type CreatedToken = Static<typeof CreatedTokenSchema>

/** What the signed-in person may put into a grant, with the role that they hold there now. */
export const TokenTargetsSchema = Type.Object(
  {
    teams: Type.Array(
      Type.Object({
        id: IdSchema,
        name: Type.String(),
        role: RoleSchema,
        applications: Type.Array(
          Type.Object({
            id: IdSchema,
            name: Type.String(),
            role: RoleSchema,
            instances: Type.Array(Type.Object({ id: IdSchema, name: Type.String(), url: Type.String() })),
          }),
        ),
      }),
    ),
  },
  { $id: 'TokenTargets' },
)
export type TokenTargets = Static<typeof TokenTargetsSchema>
