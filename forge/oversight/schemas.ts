import { Type } from '@sinclair/typebox'

import { ApiErrorSchema, IdSchema } from '../contract/common.ts'

/** What all routes of a team's owners have in common. */
export const forOwners = { tags: ['Oversight'], security: [{ session: [] }] }

export const ScopeParams = Type.Object({ id: IdSchema })
export const TokenParams = Type.Object({ id: IdSchema, tokenId: IdSchema })

/** Who does not own the team is answered 404. */
export const refusals = { 400: ApiErrorSchema, 401: ApiErrorSchema, 403: ApiErrorSchema, 404: ApiErrorSchema }
export const conflicts = { ...refusals, 409: ApiErrorSchema }
