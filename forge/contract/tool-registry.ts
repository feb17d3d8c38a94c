import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema, NameSchema } from './common.ts'
import { RoleSchema } from './role.ts'

const closed = { additionalProperties: false }
const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()])

/** Sets of tools are larger than anything else that is sent: descriptions and schemas of hundreds of tools. */
export const TOOL_SET_LIMIT_BYTES = 2 * 1024 * 1024

/** Rules of up to 2,000 tools, some of which name people. */
export const TOOL_RULES_LIMIT_BYTES = 1024 * 1024

/** A tool as its instance calls it; MCP recommends 1 to 128 letters, digits and `_ - .`, and servers take liberties. */
export const ToolNameSchema = NameSchema(128, 'read_metrics')

/** Where an instance serves an MCP server, below its own address. It tells the servers of one instance apart. */
export const ServerPathSchema = Type.String({
  pattern: '^/[^\\s?#]*$',
  maxLength: 200,
  description: 'Path of the MCP endpoint below the address of the instance.',
  examples: ['/mcp'],
})

// ---- what an instance reports -------------------------------------------------------------------------------------

/** MCP's ToolAnnotations; what is not known here is left out by the instance. */
export const ToolAnnotationsSchema = Type.Object(
  {
    title: Type.Optional(Type.String({ maxLength: 200, examples: ['Read the metrics'] })),
    readOnlyHint: Type.Optional(Type.Boolean()),
    destructiveHint: Type.Optional(Type.Boolean()),
    idempotentHint: Type.Optional(Type.Boolean()),
    openWorldHint: Type.Optional(Type.Boolean()),
  },
  closed,
)

export const ReportedToolSchema = Type.Object(
  {
    name: ToolNameSchema,
    title: Type.Optional(Type.String({ maxLength: 200, examples: ['Read the metrics'] })),
    description: Type.Optional(Type.String({ maxLength: 4_000, examples: ['Reads the metrics of the line.'] })),
    inputSchema: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'JSON schema.' })),
    annotations: Type.Optional(ToolAnnotationsSchema),
  },
  closed,
)
export type ReportedTool = Static<typeof ReportedToolSchema>

export const ReportedServerSchema = Type.Object(
  {
    path: ServerPathSchema,
    name: NameSchema(200, 'Line 4'),
    tools: Type.Array(ReportedToolSchema, { maxItems: 500 }),
  },
  closed,
)
export type ReportedServer = Static<typeof ReportedServerSchema>

/** Names a full set; its instance makes it, and the forge only compares. */
export const ToolSetHashSchema = Type.String({
  pattern: '^[0-9A-Za-z_-]{16,64}$',
  description: 'A digest of the set by the instance: the same set, the same text.',
  examples: ['9f86d081884c7d659a2feaa0c55ad015'],
})

/** All MCP servers of an instance with all their tools; takes the place of what was reported before. */
export const ToolSetSchema = Type.Object(
  { hash: ToolSetHashSchema, servers: Type.Array(ReportedServerSchema, { maxItems: 50 }) },
  {
    $id: 'ToolSet',
    description: 'Names each path once, and each tool of a server once.',
    ...closed,
  },
)
export type ToolSet = Static<typeof ToolSetSchema>

// ---- what owners say ----------------------------------------------------------------------------------------------

/** The owners' word on one tool of an instance. */
export const ToolRuleSchema = Type.Object(
  {
    server: ServerPathSchema,
    tool: ToolNameSchema,
    off: Type.Boolean({ description: 'Nobody may call it.' }),
    minimumRole: Type.Union([...RoleSchema.anyOf, Type.Null()], {
      description: 'The least role that may call it; null leaves what its hints ask for.',
      examples: ['member'],
    }),
    people: Type.Union([Type.Array(IdSchema, { minItems: 1, maxItems: 200, uniqueItems: true }), Type.Null()], {
      description: 'Ids of the only people who may call it, if their role is enough; null for everybody.',
    }),
    keepArguments: Type.Union(
      [
        Type.Object(
          {
            redact: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
              maxItems: 50,
              uniqueItems: true,
              description: 'Names of fields whose values are not kept, at any depth.',
              examples: [['password']],
            }),
          },
          closed,
        ),
        Type.Null(),
      ],
      { description: 'Whether the log of calls keeps the arguments; null: it does not.' },
    ),
  },
  closed,
)
export type ToolRule = Static<typeof ToolRuleSchema>

/** All rules of an instance. What `PUT` takes, and what the instance itself is given. */
export const ToolRulesSchema = Type.Object(
  { rules: Type.Array(ToolRuleSchema, { maxItems: 2_000 }) },
  { $id: 'ToolRules', ...closed },
)
export type ToolRules = Static<typeof ToolRulesSchema>

// ---- what people see ----------------------------------------------------------------------------------------------

const NamedSchema = Type.Object({ id: IdSchema, name: Type.String() })

/** A tool that an instance has reported, with the word of the owners on it. */
export const InstanceToolSchema = Type.Object(
  {
    server: Type.Object({ path: ServerPathSchema, name: Type.String() }),
    name: Type.String(),
    title: nullable(Type.String()),
    description: nullable(Type.String()),
    inputSchema: nullable(Type.Record(Type.String(), Type.Unknown())),
    annotations: ToolAnnotationsSchema,
    requirement: Type.Object(
      { role: RoleSchema, writes: Type.Boolean() },
      { description: 'What its hints ask for, whatever the rule says.' },
    ),
    rule: nullable(ToolRuleSchema),
    firstSeenAt: DateTimeSchema,
    changedAt: Type.Union([DateTimeSchema, Type.Null()], {
      description: 'When its description, schema or hints changed last; null if they never did.',
    }),
    lastSeenAt: DateTimeSchema,
    gone: Type.Boolean({ description: 'The instance reports it no more.' }),
  },
  { $id: 'InstanceTool' },
)
export type InstanceTool = Static<typeof InstanceToolSchema>

export const InstanceToolsSchema = Type.Object(
  {
    reportedAt: Type.Union([DateTimeSchema, Type.Null()], {
      description: 'When the instance confirmed its tools last; null as long as nothing was reported.',
    }),
    count: Type.Integer(),
    tools: Type.Array(InstanceToolSchema),
    otherRules: Type.Array(ToolRuleSchema, { description: 'Rules about tools that were never reported.' }),
    rulesVersion: Type.String({ description: 'Names all rules as they are; for `If-Match`, in quotes.' }),
    people: Type.Array(Type.Object({ id: IdSchema, username: Type.String(), name: Type.String() }), {
      description: 'Who the rules name, as far as they exist.',
    }),
    mayEdit: Type.Boolean({ description: 'Whether the caller may save rules.' }),
  },
  { $id: 'InstanceTools' },
)
export type InstanceTools = Static<typeof InstanceToolsSchema>

/** One tool that a token could call or not, where it reaches. */
export const TokenToolSchema = Type.Object(
  {
    instance: NamedSchema,
    server: Type.Object({ path: ServerPathSchema, name: Type.String() }),
    name: Type.String(),
    title: nullable(Type.String()),
    writes: Type.Boolean({ description: 'Calling it changes something.' }),
    allowed: Type.Boolean(),
    reason: Type.Union([Type.String(), Type.Null()], { description: 'Why not.' }),
    sinceMinted: Type.Union([Type.Literal('new'), Type.Literal('changed'), Type.Null()], {
      description: 'Whether it came or changed after the token was minted.',
    }),
    lastCalledAt: Type.Union([DateTimeSchema, Type.Null()], {
      description: 'When the token called it last, within the last 30 days; null also for a wish.',
    }),
  },
  { $id: 'TokenTool' },
)
export type TokenTool = Static<typeof TokenToolSchema>

/** Tools that an answer lists; a team may have thousands. */
export const TOKEN_TOOLS_LIMIT = 500

export const TokenToolsSchema = Type.Object(
  {
    count: Type.Integer({ description: 'How many there are in all, not only those listed.' }),
    tools: Type.Array(TokenToolSchema, { description: `At most ${TOKEN_TOOLS_LIMIT}.` }),
  },
  { $id: 'TokenTools' },
)
export type TokenTools = Static<typeof TokenToolsSchema>
