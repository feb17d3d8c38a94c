import { Type, type Static } from '@sinclair/typebox'

import { IdSchema } from './common.ts'
import { RoleSchema } from './role.ts'
import { CreateTokenSchema } from './token.ts'
import { ServerPathSchema, TokenToolsSchema, ToolNameSchema } from './tool-registry.ts'

/** The hints of MCP's ToolAnnotations that the rules look at. */
const ToolHintsSchema = Type.Object(
  {
    readOnlyHint: Type.Optional(Type.Boolean()),
    destructiveHint: Type.Optional(Type.Boolean()),
    openWorldHint: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

/** A tool that an instance offers. */
const NamedToolSchema = Type.Object({ server: ServerPathSchema, name: ToolNameSchema }, { additionalProperties: false })

export const ExplainTokenSchema = Type.Object(
  {
    instanceId: IdSchema,
    tool: Type.Optional(
      Type.Union([NamedToolSchema, ToolHintsSchema], {
        description: 'One that the instance offers, by server and name; or the hints of one that it might.',
        examples: [{ server: '/mcp', name: 'read_metrics' }],
      }),
    ),
  },
  { $id: 'ExplainToken', additionalProperties: false },
)
export type ExplainToken = Static<typeof ExplainTokenSchema>

/** The access decision in words. */
export const ExplanationSchema = Type.Object(
  {
    instance: Type.Object({ id: IdSchema, name: Type.Union([Type.String(), Type.Null()]) }),
    allowed: Type.Boolean(),
    role: Type.Union([RoleSchema, Type.Null()], {
      description: 'What the token is worth there now; null when refused.',
    }),
    readOnly: Type.Boolean(),
    mcpOnly: Type.Boolean(),
    summary: Type.String({
      examples: ['It works there as viewer. It is capped: you are viewer in Line 4 since 3 November 2026.'],
    }),
    rules: Type.Array(
      Type.Object({
        rule: Type.String({ examples: ['team_member'] }),
        holds: Type.Boolean(),
        reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it refuses.' }),
      }),
      { description: 'The rules in the order in which they were looked at; the first that refuses is the last.' },
    ),
  },
  { $id: 'Explanation' },
)
export type Explanation = Static<typeof ExplanationSchema>

/** What would come of minting, before anything is written. */
export const PreviewTokenSchema = Type.Omit(CreateTokenSchema, ['name', 'description'], {
  $id: 'PreviewToken',
  additionalProperties: false,
})
export type PreviewToken = Static<typeof PreviewTokenSchema>

export const PreviewSchema = Type.Object(
  {
    refusal: Type.Union([Type.Object({ code: Type.String(), error: Type.String() }), Type.Null()], {
      description: 'What minting would be answered; null when it would succeed.',
    }),
    approvals: Type.Array(Type.Object({ teamId: IdSchema, teamName: Type.String() }), {
      description: 'Teams whose owners would have to approve it for production.',
    }),
    instances: Type.Array(ExplanationSchema, { description: 'What the token would be worth where it reaches now.' }),
    tools: TokenToolsSchema,
  },
  { $id: 'TokenPreview' },
)
export type Preview = Static<typeof PreviewSchema>
