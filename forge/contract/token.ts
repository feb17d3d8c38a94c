import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema, NameSchema, PageSchema } from './common.ts'
import { GrantSchema, GrantTypeSchema } from './grant.ts'
import { RoleSchema } from './role.ts'
import { TOKEN_LIFETIME_DAYS } from './token-lifetime.ts'
import { ToolNameSchema } from './tool-registry.ts'

/** A grant as it is shown: with the name of what it reaches, or null once that is gone or out of the owner's sight. */
export const NamedGrantSchema = Type.Object({
  type: GrantTypeSchema,
  id: IdSchema,
  name: Type.Union([Type.String(), Type.Null()]),
})
export type NamedGrant = Static<typeof NamedGrantSchema>

export const TokenStateSchema = Type.Union(
  [
    Type.Literal('active'),
    Type.Literal('retiring'),
    Type.Literal('retired'),
    Type.Literal('expired'),
    Type.Literal('revoked'),
  ],
  {
    description: '`retiring`: replaced by a new one, and still working during the grace. `retired`: the grace is over.',
  },
)
export type TokenState = Static<typeof TokenStateSchema>

export const ApprovalStateSchema = Type.Union([
  Type.Literal('pending'),
  Type.Literal('approved'),
  Type.Literal('denied'),
])
export type ApprovalState = Static<typeof ApprovalStateSchema>

export const EndReasonSchema = Type.Union(
  [
    Type.Literal('by_owner'),
    Type.Literal('by_team'),
    Type.Literal('family_revoked'),
    Type.Literal('leaked'),
    Type.Literal('by_client'),
    Type.Literal('owner_deleted'),
    Type.Literal('nothing_left_to_reach'),
  ],
  { description: 'Why it was revoked.' },
)
export type EndReason = Static<typeof EndReasonSchema>

export const IssuedViaSchema = Type.Union([Type.Literal('page'), Type.Literal('device'), Type.Literal('exchange')], {
  description:
    '`page`: minted by its owner on the page. `device`: asked for by a program, approved by its owner (RFC 8628). ' +
    '`exchange`: by an instance, from another token, for a call to another instance (RFC 8693).',
})
export type IssuedVia = Static<typeof IssuedViaSchema>

const NullableName = Type.Union([Type.String(), Type.Null()])

/** One use of a token, as far as it is known. */
export const UseSchema = Type.Object({
  at: DateTimeSchema,
  instanceId: IdSchema,
  instanceName: NullableName,
  client: Type.Union([Type.String(), Type.Null()], { description: 'MCP clientInfo, or the user agent.' }),
  address: Type.Union([Type.String(), Type.Null()]),
})
export type Use = Static<typeof UseSchema>

/** Tools that a token can be limited to. */
export const TOOL_LIST_LIMIT = 200

/** Places that a token can name. */
export const GRANT_LIST_LIMIT = 100

const AlarmSchema = Type.Object({
  ...UseSchema.properties,
  instanceId: Type.Union([IdSchema, Type.Null()], { description: 'Null when it was presented to the forge itself.' }),
})
export type Alarm = Static<typeof AlarmSchema>

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
    tools: Type.Union([Type.Array(Type.String()), Type.Null()], {
      description: 'Names of the only MCP tools that it may call; null for no such limit.',
    }),
    grants: Type.Array(NamedGrantSchema),
    state: TokenStateSchema,
    createdAt: DateTimeSchema,
    expiresAt: Type.Union([DateTimeSchema, Type.Null()]),
    revokedAt: Type.Union([DateTimeSchema, Type.Null()]),
    endReason: Type.Union([EndReasonSchema, Type.Null()]),
    rotation: Type.Object(
      {
        replaces: Type.Union([IdSchema, Type.Null()]),
        replacedBy: Type.Union([IdSchema, Type.Null()]),
        retiresAt: Type.Union([DateTimeSchema, Type.Null()]),
        retiresOnFirstUse: Type.Boolean({ description: 'The grace ends when the new one is first used.' }),
      },
      { description: 'What it replaced, and what replaced it.' },
    ),
    approvals: Type.Array(Type.Object({ teamId: IdSchema, teamName: NullableName, state: ApprovalStateSchema }), {
      description: 'Teams whose production instances it reaches only once an owner has approved it.',
    }),
    lastUse: Type.Union([UseSchema, Type.Null()]),
    issuedVia: IssuedViaSchema,
    issuedTo: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()], {
      description: 'The program that asked for it, or the instance that exchanged for it. The name is that of then.',
    }),
    parentId: Type.Union([IdSchema, Type.Null()], {
      description: 'The token that it was exchanged for, and ends with.',
    }),
    alarm: Type.Union([AlarmSchema, Type.Null()], {
      description: 'Someone used it after it was replaced: perhaps a forgotten client, perhaps a thief.',
    }),
  },
  { $id: 'Token' },
)
export type Token = Static<typeof TokenSchema>

/** Uses per day (UTC) of the last 30 days, oldest first. */
export const TokenUsageSchema = Type.Object(
  {
    days: Type.Array(
      Type.Object({
        day: Type.String({ format: 'date', examples: ['2026-11-23'] }),
        uses: Type.Integer({ examples: [42] }),
      }),
    ),
  },
  { $id: 'TokenUsage' },
)
export type TokenUsage = Static<typeof TokenUsageSchema>

export const TokenPageSchema = PageSchema('tokens', TokenSchema)
export type TokenPage = Static<typeof TokenPageSchema>

const ExpirySchema = Type.Union([DateTimeSchema, Type.Null()], {
  description: `Within the next ${TOKEN_LIFETIME_DAYS.max} days; null only where the policy of every team allows it.`,
  examples: ['2026-12-23T00:00:00.000Z'],
})

const TextSchema = Type.String({ maxLength: 1000, pattern: '^[^\\p{Cc}]*$', examples: ['Reads the line metrics.'] })

const ReasonSchema = Type.String({
  minLength: 1,
  maxLength: 1000,
  pattern: '^[^\\p{Cc}]*$',
  description: 'For the owners who must approve it for production; required where one of them must.',
  examples: ['The night shift reads the packer through Claude.'],
})

const ToolListSchema = Type.Union(
  [Type.Array(ToolNameSchema, { maxItems: TOOL_LIST_LIMIT, uniqueItems: true }), Type.Null()],
  {
    description: 'Names of the only MCP tools that it may call, on whatever server; null for no such limit.',
    examples: [['read_metrics']],
  },
)

const GrantsSchema = Type.Array(GrantSchema, {
  minItems: 1,
  maxItems: GRANT_LIST_LIMIT,
  uniqueItems: true,
  examples: [[{ type: 'instance', id: '5b0b8e9a-6a51-4c33-8d53-0d6a3d5f2f10' }]],
})

export const CreateTokenSchema = Type.Object(
  {
    name: NameSchema(100, 'Claude Code on my laptop'),
    description: Type.Optional(TextSchema),
    role: RoleSchema,
    readOnly: Type.Boolean({ examples: [true] }),
    tools: Type.Optional(ToolListSchema),
    grants: GrantsSchema,
    expiresAt: ExpirySchema,
    reason: Type.Optional(ReasonSchema),
  },
  { $id: 'CreateToken', additionalProperties: false },
)
export type CreateToken = Static<typeof CreateTokenSchema>

/** Changes what it names. Less is free; more is minting, with the same checks. */
export const UpdateTokenSchema = Type.Object(
  {
    name: Type.Optional(NameSchema(100, 'Claude Code on my laptop')),
    description: Type.Optional(TextSchema),
    role: Type.Optional(RoleSchema),
    readOnly: Type.Optional(Type.Boolean()),
    tools: Type.Optional(ToolListSchema),
    grants: Type.Optional(GrantsSchema),
    expiresAt: Type.Optional(ExpirySchema),
    reason: Type.Optional(ReasonSchema),
  },
  { $id: 'UpdateToken', minProperties: 1, additionalProperties: false },
)
export type UpdateToken = Static<typeof UpdateTokenSchema>

/** How long the old one goes on working. With both, whichever comes first ends it; with neither, it ends at once. */
export const RotateTokenSchema = Type.Object(
  {
    graceMinutes: Type.Optional(Type.Integer({ minimum: 0, maximum: 1440, examples: [60] })),
    untilFirstUse: Type.Optional(Type.Boolean({ description: 'The old one works until the new one is first used.' })),
    reason: Type.Optional(ReasonSchema),
  },
  { $id: 'RotateToken', additionalProperties: false },
)
export type RotateToken = Static<typeof RotateTokenSchema>

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

/** What a token was used for lately, and what it could do without. */
export const UsedTokenSchema = Type.Object(
  {
    calls: Type.Integer({ description: 'Calls of tools in the last 30 days.' }),
    instances: Type.Integer({ description: 'Where they went, with the place of the last use.' }),
    tools: Type.Integer(),
    clients: Type.Integer({ description: 'How many clients they came from, as these call themselves.' }),
    networks: Type.Integer({ description: 'From how many networks: an IPv4 address, or an IPv6 /64.' }),
    shrink: Type.Union([UpdateTokenSchema, Type.Null()], {
      description:
        'What to send to `PATCH` so that it can do no more than it did: `grants`, `tools`, `role`, `readOnly`. Of plain ' +
        'requests only the last is known; where that is not a call of a tool, role and read-only are left alone. Null ' +
        'where there is nothing to take away, or nothing is known.',
    }),
  },
  { $id: 'UsedToken' },
)
export type UsedToken = Static<typeof UsedTokenSchema>
