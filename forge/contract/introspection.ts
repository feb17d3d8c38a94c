import { Type, type Static } from '@sinclair/typebox'

import { IdSchema } from './common.ts'
import { RoleSchema } from './role.ts'

/** RFC 7662 section 2.1. Unknown parameters are ignored (RFC 6749 section 3.2). */
export const IntrospectionRequestSchema = Type.Object({
  token: Type.String({
    description: 'The text that a client presented to the instance.',
    examples: ['ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'],
  }),
  token_type_hint: Type.Optional(
    Type.String({ description: 'Only a hint; it changes nothing.', examples: ['access_token'] }),
  ),
  client: Type.Optional(
    Type.String({
      description: 'What the client calls itself: MCP clientInfo, else its user agent. For the last use.',
      examples: ['claude-code 2.1'],
    }),
  ),
  client_address: Type.Optional(
    Type.String({ description: "The client's address, as the instance sees it.", examples: ['203.0.113.7'] }),
  ),
})

/** The two scopes of OAuth's world. A read-only token has only the first. */
export const SCOPES = { read: 'mcp:read', write: 'mcp:write' } as const

/** Longest time that an instance may remember an active answer, in seconds. */
export const CACHE_SECONDS = 30

/** RFC 8693 section 4.1. */
export interface Actor {
  /** The id of the instance that acts. */
  sub: string
  act?: Actor
}
const ActorSchema = Type.Unsafe<Actor>({
  type: 'object',
  required: ['sub'],
  properties: { sub: { type: 'string' }, act: { type: 'object', additionalProperties: true } },
  description: 'Only of an exchanged token: the instance that acts for the person; within it who acted before.',
})

/** RFC 7662 section 2.2. Times are NumericDate seconds. `forge` is our one object beside the registered claims. */
export const ActiveIntrospectionSchema = Type.Object(
  {
    active: Type.Literal(true),
    iss: Type.String(),
    sub: IdSchema,
    username: Type.String(),
    name: Type.String(),
    email: Type.String(),
    picture: Type.Optional(Type.String()),
    client_id: Type.String({ description: '`pat:<token id>`' }),
    jti: IdSchema,
    token_type: Type.Literal('Bearer'),
    scope: Type.String({ description: '`mcp:read`, or `mcp:read mcp:write`', examples: ['mcp:read mcp:write'] }),
    aud: Type.String({ description: "The asking instance's resource URL." }),
    iat: Type.Integer(),
    exp: Type.Optional(Type.Integer({ description: 'Absent when the token never expires.' })),
    auth_time: Type.Optional(
      Type.Integer({ description: 'When the identity provider of the team last saw the person prove who they are.' }),
    ),
    amr: Type.Optional(Type.Array(Type.String(), { description: 'How, as RFC 8176 names it.', examples: [['pwd']] })),
    groups: Type.Optional(
      Type.Array(Type.String(), { description: 'Those that concern the team, where its provider exposes them.' }),
    ),
    roles: Type.Array(RoleSchema, { description: 'One: the effective team role.' }),
    act: Type.Optional(ActorSchema),
    forge: Type.Object({
      team: Type.Object({ id: IdSchema, slug: Type.String(), name: Type.String() }),
      instance: Type.Object({ id: IdSchema, name: Type.String() }),
      role: Type.Object({ name: RoleSchema, level: Type.Integer() }),
      readOnly: Type.Boolean(),
      mcpOnly: Type.Optional(
        Type.Boolean({
          description: 'Whether it is good for MCP endpoints alone. Absent: no, from a forge without policies.',
        }),
      ),
      tools: Type.Optional(
        Type.Array(Type.String(), { description: 'Names of the only tools that it may call. Absent: no such limit.' }),
      ),
      auditRef: Type.String({
        description: 'Quoted by the instance in audit events; the forge resolves the user from it.',
      }),
      cacheSeconds: Type.Integer({ description: 'How long the instance may remember this answer.' }),
    }),
  },
  {
    $id: 'ActiveIntrospection',
    examples: [
      {
        active: true,
        iss: 'https://forge.example.com',
        sub: 'q3Zk81LmPa0x',
        username: 'alice',
        name: 'Alice Arnold',
        email: 'alice@example.com',
        client_id: 'pat:Xw7fKc20dRsT',
        jti: 'Xw7fKc20dRsT',
        token_type: 'Bearer',
        scope: 'mcp:read',
        aud: 'https://line-4.example.com',
        iat: 1763896800,
        exp: 1766488800,
        roles: ['member'],
        forge: {
          team: { id: 'k2Vn94QeYb7m', slug: 'line-4', name: 'Line 4' },
          instance: { id: 'h8Pd35TzUc1s', name: 'line-4-packer' },
          role: { name: 'member', level: 30 },
          readOnly: true,
          mcpOnly: false,
          auditRef: 'Xw7fKc20dRsT.mac',
          cacheSeconds: 30,
        },
      },
    ],
  },
)
export type ActiveIntrospection = Static<typeof ActiveIntrospectionSchema>

/** The one answer to every token that may not be used here, whatever the reason. */
export const InactiveIntrospectionSchema = Type.Object({ active: Type.Literal(false) }, { additionalProperties: false })

export const IntrospectionSchema = Type.Union([ActiveIntrospectionSchema, InactiveIntrospectionSchema])
export type Introspection = Static<typeof IntrospectionSchema>

/** RFC 6749 section 5.2. */
export const OAuthErrorSchema = Type.Object(
  {
    error: Type.String({ examples: ['invalid_request'] }),
    error_description: Type.Optional(Type.String({ examples: ['token is missing.'] })),
  },
  { $id: 'OAuthError' },
)
export type OAuthError = Static<typeof OAuthErrorSchema>
