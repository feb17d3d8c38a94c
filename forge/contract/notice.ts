import { Type, type Static, type TSchema } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema, PageSchema } from './common.ts'

/** Something as it was called when the notice was written; it may be gone since. */
const NamedSchema = Type.Object({ id: IdSchema, name: Type.String() })
const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

const notice = <Kind extends string, Body extends TSchema>(kind: Kind, body: Body) =>
  Type.Object({
    id: IdSchema,
    kind: Type.Literal(kind),
    title: Type.String({
      description: 'The notice in one sentence.',
      examples: ['Your token “Claude Code” ends tomorrow'],
    }),
    lines: Type.Array(Type.String(), { description: 'The rest of it, sentence by sentence, for people to read.' }),
    body,
    createdAt: DateTimeSchema,
    readAt: nullable(DateTimeSchema),
  })

/** The digest: at most one for a person and a day, however many tokens end. */
const TokensEndSchema = notice(
  'tokens-end',
  Type.Object({
    tokens: Type.Array(
      Type.Object({
        id: IdSchema,
        name: Type.String(),
        expiresAt: DateTimeSchema,
        daysLeft: Type.Integer({ description: 'Days of the calendar in UTC; 0 on the day itself.' }),
        ended: Type.Boolean({ description: 'Whether it had ended when the notice was written.' }),
      }),
    ),
  }),
)

/** Somebody else revoked a token of this person: everywhere, or for a team or an instance only. */
const TokenRevokedSchema = notice(
  'token-revoked',
  Type.Object({
    token: NamedSchema,
    by: Type.String({ description: 'Name of who did it.' }),
    reach: nullable(
      Type.Object({
        type: Type.Union([Type.Literal('team'), Type.Literal('instance')]),
        id: IdSchema,
        name: Type.String(),
      }),
    ),
  }),
)

/** The alarm: a token was used after it was replaced. Somebody holds a copy, or a client was forgotten. */
const RetiredTokenUsedSchema = notice(
  'retired-token-used',
  Type.Object({
    token: NamedSchema,
    at: DateTimeSchema,
    instance: nullable(NamedSchema),
    client: nullable(Type.String({ description: 'What the client calls itself.' })),
    address: nullable(Type.String()),
  }),
)

const TokenLeakedSchema = notice(
  'token-leaked',
  Type.Object({
    token: NamedSchema,
    at: DateTimeSchema,
    source: Type.Union([Type.Literal('holder'), Type.Literal('github')], {
      description: '`holder`: somebody who has the text handed it in. `github`: secret scanning found it.',
    }),
    url: nullable(Type.String({ description: 'Where it was found.' })),
  }),
)

/** To the owners of a team, of which one decides. */
const ApprovalRequestedSchema = notice(
  'approval-requested',
  Type.Object({
    token: NamedSchema,
    team: NamedSchema,
    instance: nullable(NamedSchema),
    requester: Type.String({ description: 'Name of who asks.' }),
    reason: Type.String(),
  }),
)

const ApprovalDecidedSchema = notice(
  'approval-decided',
  Type.Object({
    token: NamedSchema,
    team: NamedSchema,
    instance: nullable(NamedSchema),
    decision: Type.Union([Type.Literal('approved'), Type.Literal('refused')]),
    by: Type.String({ description: 'Name of who decided.' }),
  }),
)

/** To each person whose tokens a new policy stops or limits. */
const PolicyChangedSchema = notice(
  'policy-changed',
  Type.Object({
    team: NamedSchema,
    by: Type.String({ description: 'Name of who changed it.' }),
    tokens: Type.Array(
      Type.Object({
        id: IdSchema,
        name: Type.String(),
        effect: Type.Union([Type.Literal('stopped'), Type.Literal('limited')]),
      }),
    ),
  }),
)

export const NoticeSchema = Type.Union(
  [
    TokensEndSchema,
    TokenRevokedSchema,
    RetiredTokenUsedSchema,
    TokenLeakedSchema,
    ApprovalRequestedSchema,
    ApprovalDecidedSchema,
    PolicyChangedSchema,
  ],
  { $id: 'Notice', description: 'Told to one person. It never holds a secret.' },
)
export type Notice = Static<typeof NoticeSchema>
export type NoticeKind = Notice['kind']

type ContentOf<N> = N extends { kind: infer Kind; body: infer Body } ? { kind: Kind; body: Body } : never

/** What a notice says, before it is put into words: the kind, and the body that belongs to it. */
export type NoticeContent = ContentOf<Notice>
export type NoticeBody<Kind extends NoticeKind> = Extract<NoticeContent, { kind: Kind }>['body']

export const NoticeQuerySchema = Type.Object(
  {
    cursor: Type.Optional(Type.String({ maxLength: 200, description: '`meta.next_cursor` of the page before.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  },
  { additionalProperties: false },
)
export type NoticeQuery = Static<typeof NoticeQuerySchema>

export const NoticePageSchema = Type.Composite([
  PageSchema('notices', NoticeSchema),
  Type.Object({ unread: Type.Integer({ description: 'How many are unread, on all pages.' }) }),
])
export type NoticePage = Static<typeof NoticePageSchema>
