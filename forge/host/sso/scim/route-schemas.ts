import { Type } from '@sinclair/typebox'

import { IdSchema } from '../../../contract/common.ts'
import { ScimErrorSchema, ScimListSchema, ScimPatchSchema, ScimResourceSchema } from '../../../contract/scim.ts'
import { SCIM_JSON } from './scim-error.ts'

const consumes = [SCIM_JSON, 'application/json']

/** What every route below `/scim/v2` has. */
export const common = { tags: ['SCIM'], security: [{ scimToken: [] }], produces: [SCIM_JSON] }

const refused = {
  400: ScimErrorSchema,
  401: ScimErrorSchema,
  403: ScimErrorSchema,
  404: ScimErrorSchema,
  429: ScimErrorSchema,
  503: ScimErrorSchema,
}
const refusedWrite = {
  ...refused,
  409: ScimErrorSchema,
  412: ScimErrorSchema,
  413: ScimErrorSchema,
  415: ScimErrorSchema,
}

const Names = Type.Optional(Type.String({ maxLength: 2_000, description: 'Names of attributes, separated by commas.' }))
const wish = { attributes: Names, excludedAttributes: Names }
const WishQuery = Type.Object(wish)
const ListQuery = Type.Object({
  ...wish,
  filter: Type.Optional(Type.String({ examples: ['userName eq "alice@acme.example"'] })),
  startIndex: Type.Optional(Type.Integer({ description: 'From 1 on.' })),
  count: Type.Optional(Type.Integer({ description: 'At most 200; 100 where it is left out.' })),
})
const params = Type.Object({ id: IdSchema })

export const listSchema = { ...common, querystring: ListQuery, response: { 200: ScimListSchema, ...refused } }
export const readSchema = {
  ...common,
  params,
  querystring: WishQuery,
  response: { 200: ScimResourceSchema, 304: Type.Null(), ...refused },
}
export const createSchema = {
  ...common,
  consumes,
  querystring: WishQuery,
  body: ScimResourceSchema,
  response: { 201: ScimResourceSchema, ...refusedWrite },
}
export const replaceSchema = {
  ...common,
  consumes,
  params,
  querystring: WishQuery,
  body: ScimResourceSchema,
  response: { 200: ScimResourceSchema, ...refusedWrite },
}
export const patchSchema = {
  ...common,
  consumes,
  params,
  querystring: WishQuery,
  body: ScimPatchSchema,
  response: { 200: ScimResourceSchema, 204: Type.Null(), ...refusedWrite },
}
export const deleteSchema = { ...common, params, response: { 204: Type.Null(), ...refusedWrite } }
