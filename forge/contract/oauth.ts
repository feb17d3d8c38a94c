import { Type, type Static } from '@sinclair/typebox'

/** The grants of `/oauth/token`, by their registered names (RFC 8628 section 3.4, RFC 8693 section 2.1). */
export const GRANTS = {
  device: 'urn:ietf:params:oauth:grant-type:device_code',
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
} as const

/** RFC 8693 section 3: the one kind of token that is exchanged here. */
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token'

/** Our own command, known without any registration. */
export const BUILT_IN_CLIENT = { id: 'forge-pat', name: 'forge-pat command' } as const

const ClientIdSchema = Type.String({
  maxLength: 512,
  description: 'The address of a client metadata document, a program that a team has registered, or `forge-pat`.',
  examples: [BUILT_IN_CLIENT.id],
})

const ScopeSchema = Type.String({
  maxLength: 200,
  description: '`mcp:read`, `mcp:write`, or both.',
  examples: ['mcp:read'],
})

const AudienceSchema = Type.String({ examples: ['line-4'] })

const ResourceSchema = Type.String({ maxLength: 512, examples: ['https://line-4.example.com'] })

/** RFC 8628 section 3.1, with RFC 8707's `resource`. Unknown parameters are ignored (RFC 6749 section 3.2). */
export const DeviceAuthorizationRequestSchema = Type.Object({
  client_id: ClientIdSchema,
  scope: Type.Optional(ScopeSchema),
  resource: Type.Optional(
    Type.Union([ResourceSchema, Type.Array(ResourceSchema, { maxItems: 20 })], {
      description: 'The instances that the program wants to reach, by their addresses; may be given several times.',
    }),
  ),
})

/** RFC 8628 section 3.2. */
export const DeviceAuthorizationSchema = Type.Object(
  {
    device_code: Type.String({ description: 'What the program asks for its token with.' }),
    user_code: Type.String({ description: 'What its user enters on the page.', examples: ['WDJB-MJHT'] }),
    verification_uri: Type.String({ examples: ['https://forge.example.com/device'] }),
    verification_uri_complete: Type.String(),
    expires_in: Type.Integer({ examples: [600] }),
    interval: Type.Integer({ description: 'Seconds between two polls.', examples: [5] }),
  },
  { $id: 'DeviceAuthorization' },
)

/** RFC 8628 section 3.4 and RFC 8693 section 2.1 in one. */
export const TokenRequestSchema = Type.Object({
  grant_type: Type.String({ examples: [GRANTS.device, GRANTS.exchange] }),
  device_code: Type.Optional(Type.String({ maxLength: 200, examples: ['GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNh'] })),
  client_id: Type.Optional(ClientIdSchema),
  subject_token: Type.Optional(
    Type.String({
      description: 'The text that a caller presented to the instance.',
      examples: ['ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'],
    }),
  ),
  subject_token_type: Type.Optional(Type.String({ examples: [ACCESS_TOKEN_TYPE] })),
  requested_token_type: Type.Optional(Type.String({ examples: [ACCESS_TOKEN_TYPE] })),
  actor_token: Type.Optional(
    Type.String({
      description: 'Not taken: the actor is the instance that authenticates.',
      examples: ['ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'],
    }),
  ),
  actor_token_type: Type.Optional(Type.String({ examples: [ACCESS_TOKEN_TYPE] })),
  resource: Type.Optional(
    Type.Union([ResourceSchema, Type.Array(ResourceSchema)], { description: 'The one instance that is to be called.' }),
  ),
  audience: Type.Optional(
    Type.Union([AudienceSchema, Type.Array(AudienceSchema)], {
      description: 'Not taken: name the instance by `resource`.',
    }),
  ),
  scope: Type.Optional(ScopeSchema),
})
export type TokenRequest = Static<typeof TokenRequestSchema>

/** RFC 6749 section 5.1, RFC 8693 section 2.2.1. */
export const TokenResponseSchema = Type.Object(
  {
    access_token: Type.String({ examples: ['ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'] }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Optional(Type.Integer({ description: 'Absent when the token never expires.' })),
    scope: Type.String({ examples: ['mcp:read'] }),
    issued_token_type: Type.Optional(Type.String({ examples: [ACCESS_TOKEN_TYPE] })),
  },
  { $id: 'TokenResponse' },
)
export type TokenResponse = Static<typeof TokenResponseSchema>

/** RFC 7009 section 2.1. */
export const RevocationRequestSchema = Type.Object({
  token: Type.String({ examples: ['ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'] }),
  token_type_hint: Type.Optional(
    Type.String({ description: 'Only a hint; it changes nothing.', examples: ['access_token'] }),
  ),
  client_id: Type.Optional(ClientIdSchema),
})
export type RevocationRequest = Static<typeof RevocationRequestSchema>

const Names = Type.Array(Type.String())

/** RFC 8414 section 2. */
export const AuthorizationServerMetadataSchema = Type.Object(
  {
    issuer: Type.String({ examples: ['https://forge.example.com'] }),
    token_endpoint: Type.String(),
    device_authorization_endpoint: Type.String(),
    introspection_endpoint: Type.String(),
    revocation_endpoint: Type.String(),
    grant_types_supported: Names,
    response_types_supported: Names,
    scopes_supported: Names,
    token_endpoint_auth_methods_supported: Names,
    introspection_endpoint_auth_methods_supported: Names,
    revocation_endpoint_auth_methods_supported: Names,
    client_id_metadata_document_supported: Type.Boolean(),
    service_documentation: Type.String(),
  },
  { $id: 'AuthorizationServerMetadata' },
)
export type AuthorizationServerMetadata = Static<typeof AuthorizationServerMetadataSchema>
