import { Type, type Static } from '@sinclair/typebox'

import { AUDIT_EVENTS, type AuditEvent } from './audit-events.ts'
import { DateTimeSchema, IdSchema, NO_CONTROL_CHARACTERS } from './common.ts'

export { AUDIT_EVENTS, type AuditBodies, type AuditEvent, type AuditUpdate } from './audit-events.ts'

export const AuditEventSchema = Type.Unsafe<AuditEvent>({
  type: 'string',
  enum: Object.keys(AUDIT_EVENTS),
  examples: ['user.pat.created'],
})

/** Whose log an entry is in. */
export const AuditScopeTypeSchema = Type.Union([Type.Literal('user'), Type.Literal('team'), Type.Literal('platform')])
export type AuditScopeType = Static<typeof AuditScopeTypeSchema>

/** What kind of actor caused it. */
export const AuditTriggerTypeSchema = Type.Union([
  Type.Literal('user'),
  Type.Literal('token'),
  Type.Literal('instance'),
  Type.Literal('system'),
  Type.Literal('identity-provider'),
])
export type AuditTriggerType = Static<typeof AuditTriggerTypeSchema>

const NullableText = (description: string) => Type.Union([Type.String(), Type.Null()], { description })

/** FlowFuse's entry up to `body`; what follows is ours. Names are those of the time of the event. */
export const AuditLogEntrySchema = Type.Object(
  {
    id: Type.String({ description: 'Sorts by time.' }),
    createdAt: DateTimeSchema,
    username: NullableText('The person who did it, or whose token did.'),
    event: Type.String({ examples: ['user.pat.created'] }),
    source: NullableText('Null when it was done on the pages, `api` when a token did it, else the kind of actor.'),
    scope: Type.Object({ id: Type.String(), type: AuditScopeTypeSchema, name: Type.String() }),
    trigger: Type.Object({ id: Type.String(), type: AuditTriggerTypeSchema, name: Type.String() }),
    body: Type.Record(Type.String(), Type.Unknown(), { description: 'What changed; its form depends on the event.' }),
    occurrenceId: Type.String({ description: 'The same in every log that the one event was written to.' }),
    token: Type.Union([
      Type.Object({ id: Type.String(), name: Type.String(), ownerId: Type.String(), ownerName: Type.String() }),
      Type.Null(),
    ]),
    sessionId: NullableText('Public reference of the browser session.'),
    requestId: NullableText('As in the log of the forge.'),
    address: NullableText('The network address that it came from.'),
  },
  { $id: 'AuditLogEntry' },
)
export type AuditLogEntry = Static<typeof AuditLogEntrySchema>

/** FlowFuse calls the list `log`. */
export const AuditLogPageSchema = Type.Object({
  meta: Type.Object({ next_cursor: Type.Optional(Type.String()) }),
  count: Type.Integer({ description: 'How many match in all, not only on this page.' }),
  log: Type.Array(AuditLogEntrySchema),
})
export type AuditLogPage = Static<typeof AuditLogPageSchema>

export const AuditLogQuerySchema = Type.Object(
  {
    cursor: Type.Optional(
      Type.String({ pattern: '^[0-9a-f-]{36}$', description: '`meta.next_cursor` of the page before.' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 100 })),
    event: Type.Optional(
      Type.Union([AuditEventSchema, Type.Array(AuditEventSchema, { minItems: 1, maxItems: 50 })], {
        description: 'Keeps these events; may be given several times.',
      }),
    ),
    username: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: NO_CONTROL_CHARACTERS,
        description: 'Keeps what this person did, or what concerns their tokens.',
      }),
    ),
    tokenId: Type.Optional(IdSchema),
    from: Type.Optional(Type.String({ format: 'date-time', description: 'Keeps what happened then or later.' })),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'Keeps what happened before.' })),
    format: Type.Optional(
      Type.Union([Type.Literal('csv'), Type.Literal('jsonl')], {
        description: 'Downloads all that match, as CSV (RFC 4180) or as JSON lines; `cursor` and `limit` do not apply.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type AuditLogQuery = Static<typeof AuditLogQuerySchema>
