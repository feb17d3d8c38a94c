import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema } from './common.ts'

/** What administrators see of SCIM at a provider. */
export const ScimStatusSchema = Type.Object(
  {
    address: Type.String({ description: 'The base address that the provider is told.' }),
    token: Type.Union([
      Type.Object({ createdAt: DateTimeSchema, lastUsedAt: Type.Union([DateTimeSchema, Type.Null()]) }),
      Type.Null(),
    ]),
    users: Type.Integer({ description: 'People whom it has told of.' }),
    groups: Type.Integer(),
    tellsGroups: Type.Boolean({
      description: 'From its first group on, the groups of its people are what SCIM says, not what a sign-in claims.',
    }),
  },
  { $id: 'ScimStatus' },
)
export type ScimStatus = Static<typeof ScimStatusSchema>

/** The only answer with the token. */
export const IssuedScimTokenSchema = Type.Object(
  { token: Type.String(), address: Type.String() },
  { $id: 'IssuedScimToken' },
)
export type IssuedScimToken = Static<typeof IssuedScimTokenSchema>

/** A person or a group (RFC 7643). Attribute names count in any case, and what is not kept here is passed over. */
export const ScimResourceSchema = Type.Object(
  {},
  {
    $id: 'ScimResource',
    additionalProperties: true,
    description: 'A User or a Group of RFC 7643; `/scim/v2/Schemas` says what is kept of it.',
    examples: [
      {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: 'alice@acme.example',
        externalId: '00u1',
        name: { givenName: 'Alice', familyName: 'Arnold' },
        emails: [{ value: 'alice@acme.example', type: 'work', primary: true }],
        active: true,
      },
    ],
  },
)

export const ScimPatchSchema = Type.Object(
  {},
  {
    $id: 'ScimPatch',
    additionalProperties: true,
    description: 'Operations of RFC 7644 section 3.5.2.',
    examples: [
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value: false }],
      },
    ],
  },
)

export const ScimListSchema = Type.Object(
  {
    schemas: Type.Array(Type.String()),
    totalResults: Type.Integer(),
    startIndex: Type.Integer(),
    itemsPerPage: Type.Integer(),
    Resources: Type.Array(Type.Unknown()),
  },
  { $id: 'ScimList' },
)

/** Refusals below `/scim/v2` (RFC 7644 section 3.12). */
export const ScimErrorSchema = Type.Object(
  {
    schemas: Type.Array(Type.String(), { examples: [['urn:ietf:params:scim:api:messages:2.0:Error']] }),
    status: Type.String({ examples: ['404'] }),
    scimType: Type.Optional(Type.String({ description: 'For 400 and 409.', examples: ['invalidFilter'] })),
    detail: Type.String({ examples: ['There is no such person.'] }),
  },
  { $id: 'ScimError' },
)
