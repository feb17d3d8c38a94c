import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema, NO_CONTROL_CHARACTERS } from './common.ts'
import { ServerPathSchema, ToolNameSchema } from './tool-registry.ts'

const closed = { additionalProperties: false }

/** `tool_error`: the tool said that it failed, or nobody knows what it came to (`reason`). `refused`: it did not run. */
export const CallOutcomeSchema = Type.Union([Type.Literal('ok'), Type.Literal('tool_error'), Type.Literal('refused')], {
  examples: ['ok'],
})
export type CallOutcome = Static<typeof CallOutcomeSchema>

/** Calls that an instance reports at once, and how large a report may be. */
export const CALL_BATCH = 200
export const CALL_REPORT_LIMIT_BYTES = 1024 * 1024
/** Kept arguments of one call, as JSON text; what is longer is not kept. */
export const KEPT_ARGUMENTS_LIMIT = 4_000

/** One call of a tool, as its instance saw it. It names no person: the forge finds them by `auditRef`. */
export const ReportedCallSchema = Type.Object(
  {
    id: Type.String({
      format: 'uuid',
      description: 'Made by the instance, once for each call (UUID version 7): a call that is sent twice counts once.',
      examples: ['019ab3f2-5c1e-7d7e-9a63-2f1d5f0a1b2c'],
    }),
    auditRef: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: NO_CONTROL_CHARACTERS,
      description: 'From the introspection of the token that called.',
      examples: ['Xw7fKc20dRsT.mac'],
    }),
    at: Type.String({
      format: 'date-time',
      description:
        'When the call came in, by the clock of the instance. A time that can not be (in the future, or before 2026) is ' +
        'replaced by that of the report.',
      examples: ['2026-11-24T12:00:00.000Z'],
    }),
    server: ServerPathSchema,
    tool: ToolNameSchema,
    outcome: CallOutcomeSchema,
    reason: Type.Optional(
      Type.String({
        maxLength: 64,
        pattern: '^[a-z_]+$',
        description:
          'Of a refusal: the rule that refused, as in `explain`, or `unknown_tool`, `bad_arguments`, ' +
          '`id_in_use`. Of a tool whose ' +
          'answer never came: `no_answer`, or `cancelled` when its caller did not want it any more.',
        examples: ['tool_role'],
      }),
    ),
    durationMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
    client: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'MCP clientInfo, else the user agent.',
        examples: ['claude-code 2.1'],
      }),
    ),
    address: Type.Optional(Type.String({ maxLength: 64, examples: ['203.0.113.7'] })),
    requestId: Type.Optional(
      Type.String({ maxLength: 128, description: 'JSON-RPC id of the request.', examples: ['7'] }),
    ),
    arguments: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Only where a rule keeps them, with its redacted fields gone.',
      }),
    ),
  },
  closed,
)
export type ReportedCall = Static<typeof ReportedCallSchema>

export const CallReportSchema = Type.Object(
  { calls: Type.Array(ReportedCallSchema, { minItems: 1, maxItems: CALL_BATCH }) },
  { $id: 'CallReport', ...closed },
)
export type CallReport = Static<typeof CallReportSchema>

/** What became of a report: every call of it was taken, was here already, or is refused for good. */
export const CallReceiptSchema = Type.Object(
  {
    accepted: Type.Integer(),
    duplicates: Type.Integer({ description: 'Were reported before.' }),
    refused: Type.Array(
      Type.Object({
        id: Type.String(),
        reason: Type.Literal('unknown_reference', {
          examples: ['unknown_reference'],
          description: 'The `auditRef` is not one that this instance was given.',
        }),
      }),
      { description: 'Sending these again changes nothing.' },
    ),
  },
  { $id: 'CallReceipt' },
)
export type CallReceipt = Static<typeof CallReceiptSchema>

const NamedSchema = Type.Object({ id: IdSchema, name: Type.String() })
const NullableText = Type.Union([Type.String(), Type.Null()])

/** One call, as people read it. Names are those of the time of the call. */
export const ToolCallSchema = Type.Object(
  {
    id: Type.String({ description: 'Sorts by the time at which the forge learned of it.' }),
    at: DateTimeSchema,
    user: Type.Object({ id: IdSchema, username: Type.String() }),
    token: NamedSchema,
    instance: NamedSchema,
    server: Type.String(),
    tool: Type.String(),
    outcome: CallOutcomeSchema,
    reason: NullableText,
    durationMs: Type.Integer(),
    client: NullableText,
    address: NullableText,
    requestId: NullableText,
    arguments: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description: 'Null unless a rule of the tool keeps them.',
    }),
  },
  { $id: 'ToolCall' },
)
export type ToolCall = Static<typeof ToolCallSchema>

export const ToolCallPageSchema = Type.Object({
  meta: Type.Object({ next_cursor: Type.Optional(Type.String()) }),
  count: Type.Integer({ description: 'How many match in all, counted up to 10,000: 10,001 stands for more.' }),
  calls: Type.Array(ToolCallSchema),
})
export type ToolCallPage = Static<typeof ToolCallPageSchema>

const filters = {
  username: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: NO_CONTROL_CHARACTERS })),
  tokenId: Type.Optional(IdSchema),
  instanceId: Type.Optional(IdSchema),
  server: Type.Optional(ServerPathSchema),
  tool: Type.Optional(ToolNameSchema),
  outcome: Type.Optional(CallOutcomeSchema),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Keeps calls of then or later.' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Keeps calls from before.' })),
}

export const ToolCallQuerySchema = Type.Object(
  {
    ...filters,
    cursor: Type.Optional(Type.String({ maxLength: 200, description: '`meta.next_cursor` of the page before.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 100 })),
    format: Type.Optional(
      Type.Union([Type.Literal('csv'), Type.Literal('jsonl')], {
        description: 'Downloads all that match, as CSV (RFC 4180) or as JSON lines; `cursor` and `limit` do not apply.',
      }),
    ),
  },
  closed,
)
export type ToolCallQuery = Static<typeof ToolCallQuerySchema>

export const ToolCallDaysQuerySchema = Type.Object(filters, closed)
export type ToolCallDaysQuery = Static<typeof ToolCallDaysQuerySchema>

/** Calls by day (UTC) of the last 30 days, oldest first, days without a call included. */
export const ToolCallDaysSchema = Type.Object(
  {
    days: Type.Array(
      Type.Object({
        day: Type.String({ format: 'date', examples: ['2026-11-23'] }),
        ok: Type.Integer(),
        toolErrors: Type.Integer(),
        refused: Type.Integer(),
      }),
    ),
  },
  { $id: 'ToolCallDays' },
)
export type ToolCallDays = Static<typeof ToolCallDaysSchema>
