import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema, PageQuerySchema, PageSchema } from './common.ts'
import { COUNTED_TOKENS } from './counted.ts'
import { FINDINGS, type Finding } from './health.ts'
import { TokenPolicySchema } from './policy.ts'
import { RoleSchema } from './role.ts'
import { ApprovalStateSchema, EndReasonSchema, NamedGrantSchema, TokenStateSchema } from './token.ts'

const closed = { additionalProperties: false }
const NullableText = Type.Union([Type.String(), Type.Null()])
const NullableTime = Type.Union([DateTimeSchema, Type.Null()])

const NamedSchema = Type.Object({ id: IdSchema, name: Type.String() })

/** A person as the owners of a team see them. */
export const HolderSchema = Type.Object({
  id: IdSchema,
  username: Type.Union([Type.String(), Type.Null()], { description: 'Null once the person is gone.' }),
  name: NullableText,
})
export type Holder = Static<typeof HolderSchema>

// ---- inventory ----------------------------------------------------------------------------------------------------

const AccessSchema = Type.Union(
  [
    Type.Object({ allowed: Type.Literal(true), role: RoleSchema, readOnly: Type.Boolean(), mcpOnly: Type.Boolean() }),
    Type.Object({
      allowed: Type.Literal(false),
      reason: Type.String({ examples: ['The person is no member of the team.'] }),
    }),
  ],
  {
    description:
      'What the token is worth here now: the most of all instances that it reaches here. Or why it is worth nothing.',
  },
)

/** A token of somebody, as far as it concerns the team. It never holds a secret, nor what else the token reaches. */
export const TeamTokenSchema = Type.Object(
  {
    id: IdSchema,
    selector: Type.String({ description: 'The public part of its text.', examples: ['4hPq0ZcT7mRk'] }),
    name: Type.String(),
    holder: HolderSchema,
    role: Type.Union(RoleSchema.anyOf, { description: 'The most that it may be; `access.role` is what it is.' }),
    readOnly: Type.Boolean(),
    tools: Type.Union([Type.Array(Type.String()), Type.Null()], {
      description: 'Names of the only MCP tools that it may call; null for no such limit.',
    }),
    grants: Type.Array(NamedGrantSchema, { description: 'Those that reach here, and no others.' }),
    access: AccessSchema,
    state: TokenStateSchema,
    endReason: Type.Union([EndReasonSchema, Type.Null()]),
    approval: Type.Union([ApprovalStateSchema, Type.Null()], {
      description: "An owner's word on production; null where none was asked for.",
    }),
    cutOff: Type.Boolean({ description: 'An owner has ended it here.' }),
    createdAt: DateTimeSchema,
    expiresAt: NullableTime,
    lastUse: Type.Union(
      [
        Type.Object({
          at: DateTimeSchema,
          instance: Type.Union([NamedSchema, Type.Null()]),
          client: NullableText,
          address: NullableText,
        }),
        Type.Null(),
      ],
      { description: 'When it was last used, anywhere; where and by what only if that was in this team.' },
    ),
  },
  { $id: 'TeamToken' },
)
export type TeamToken = Static<typeof TeamTokenSchema>

export const TeamTokenPageSchema = Type.Composite([
  PageSchema('tokens', TeamTokenSchema),
  Type.Object({
    count: Type.Integer({
      maximum: COUNTED_TOKENS + 1,
      description: `How many there are in all, not only on this page. ${COUNTED_TOKENS + 1} stands for all that are more.`,
    }),
  }),
])
export type TeamTokenPage = Static<typeof TeamTokenPageSchema>

export const TeamTokenQuerySchema = Type.Composite(
  [
    PageQuerySchema,
    Type.Object({
      state: Type.Optional(
        Type.Union([TokenStateSchema, Type.Array(TokenStateSchema, { minItems: 1, maxItems: 5 })], {
          description: 'Keeps these states; may be given several times.',
        }),
      ),
      holder: Type.Optional(IdSchema),
      role: Type.Optional(Type.Union(RoleSchema.anyOf, { description: 'Keeps tokens that may be exactly this.' })),
      unusedSince: Type.Optional(
        Type.String({ format: 'date-time', description: 'Keeps what was not used then or later, or never.' }),
      ),
    }),
  ],
  closed,
)
export type TeamTokenQuery = Static<typeof TeamTokenQuerySchema>

export const RevokeForTeamSchema = Type.Object({ userId: IdSchema }, { $id: 'RevokeForTeam', ...closed })
export type RevokeForTeam = Static<typeof RevokeForTeamSchema>

export const RevokedForTeamSchema = Type.Object(
  {
    revoked: Type.Integer({ description: 'How many tokens it ended here.' }),
    since: Type.String({ format: 'date-time', description: 'When it began: asks how far these have got.' }),
  },
  { $id: 'RevokedForTeam' },
)
export type RevokedForTeam = Static<typeof RevokedForTeamSchema>

/** Which of a person's ended tokens are asked about. */
export const PersonRevocationQuerySchema = Type.Object(
  {
    holder: IdSchema,
    since: Type.String({ format: 'date-time', description: 'Counts what was ended then or later.' }),
  },
  closed,
)
export type PersonRevocationQuery = Static<typeof PersonRevocationQuerySchema>

// ---- health -------------------------------------------------------------------------------------------------------

/** How the tokens that reach a team are. */
export const TeamHealthSchema = Type.Object(
  {
    score: Type.Union([Type.Integer({ minimum: 0, maximum: 100, examples: [84] }), Type.Null()], {
      description: 'The mean of its live tokens, each from 0 to 100; null for none.',
    }),
    tokens: Type.Integer({
      description: `Live tokens that reach it; ${COUNTED_TOKENS + 1} stands for all that are more.`,
    }),
    lookedAt: Type.Integer({ description: 'How many of them were looked at, the newest first.' }),
    findings: Type.Array(
      Type.Object({
        finding: Type.Unsafe<Finding>(Type.String({ enum: [...FINDINGS], examples: ['endless'] })),
        tokens: Type.Integer(),
      }),
      { description: 'What there is to mend, with the number of tokens, the most frequent first.' },
    ),
  },
  { $id: 'TeamHealth' },
)
export type TeamHealth = Static<typeof TeamHealthSchema>

// ---- policy -------------------------------------------------------------------------------------------------------

const PolicyEffectSchema = Type.Union([Type.Literal('stopped'), Type.Literal('limited'), Type.Literal('widened')], {
  description:
    '`stopped`: works somewhere in the team now, and nowhere after. `limited`: may do less. `widened`: may do more.',
})
export type PolicyEffect = Static<typeof PolicyEffectSchema>

/** What another policy would do to the tokens that reach the team, at this moment. */
export const PolicyImpactSchema = Type.Object(
  {
    tokens: Type.Integer({ description: 'How many it affects in all.', examples: [14] }),
    people: Type.Integer({ description: 'How many people hold them.', examples: [6] }),
    stoppedNow: Type.Integer({ examples: [3] }),
    limitedNow: Type.Integer({ examples: [9] }),
    widenedNow: Type.Integer({ examples: [2] }),
    examples: Type.Array(
      Type.Object({
        token: NamedSchema,
        holder: HolderSchema,
        effect: PolicyEffectSchema,
        reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it stops.' }),
      }),
      { description: 'Some of them, those that stop first.' },
    ),
  },
  { $id: 'PolicyImpact' },
)
export type PolicyImpact = Static<typeof PolicyImpactSchema>

export const PolicyQuerySchema = Type.Object(
  { dryRun: Type.Optional(Type.Boolean({ description: 'Says what saving would do, and saves nothing.' })) },
  closed,
)

/** What `PUT` answers: the policy as saved, or what saving it would do. */
export const PolicyAnswerSchema = Type.Union([TokenPolicySchema, PolicyImpactSchema])

// ---- approvals ----------------------------------------------------------------------------------------------------

export const TeamApprovalSchema = Type.Object(
  {
    token: Type.Object({
      id: IdSchema,
      selector: Type.String(),
      name: Type.String(),
      role: RoleSchema,
      readOnly: Type.Boolean(),
      grants: Type.Array(NamedGrantSchema, { description: 'Those in this team, and no others.' }),
      state: TokenStateSchema,
      expiresAt: NullableTime,
    }),
    requester: HolderSchema,
    reason: Type.String(),
    instances: Type.Array(NamedSchema, { description: 'The production instances that it would reach now.' }),
    state: ApprovalStateSchema,
    requestedAt: DateTimeSchema,
    decidedBy: Type.Union([HolderSchema, Type.Null()]),
    decidedAt: NullableTime,
  },
  { $id: 'TeamApproval' },
)
export type TeamApproval = Static<typeof TeamApprovalSchema>

export const TeamApprovalPageSchema = PageSchema('approvals', TeamApprovalSchema)
export type TeamApprovalPage = Static<typeof TeamApprovalPageSchema>

export const TeamApprovalQuerySchema = Type.Object(
  {
    cursor: PageQuerySchema.properties.cursor,
    limit: PageQuerySchema.properties.limit,
    state: Type.Optional(ApprovalStateSchema),
  },
  closed,
)
export type TeamApprovalQuery = Static<typeof TeamApprovalQuerySchema>

export const DecideApprovalSchema = Type.Object(
  {
    decision: Type.Union([Type.Literal('approve'), Type.Literal('deny')], { examples: ['approve'] }),
    reason: Type.Optional(
      Type.String({
        maxLength: 1000,
        pattern: '^[^\\p{Cc}]*$',
        description: 'For the requester, of a denial.',
        examples: ['Use the staging instance for this.'],
      }),
    ),
    requestedAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description:
          'As the list said. With it, a request that was replaced since (the token was widened) is answered 409.',
        examples: ['2026-11-23T00:00:00.000Z'],
      }),
    ),
  },
  { $id: 'DecideApproval', ...closed },
)
export type DecideApproval = Static<typeof DecideApprovalSchema>
