import { Type } from '@sinclair/typebox'

import { ApiErrorSchema, IdSchema } from '../contract/common.ts'

/** What all routes of the caller's own tokens have in common. */
export const common = { tags: ['Tokens'], security: [{ session: [] }] }

export const params = Type.Object({ id: IdSchema })

export const refusals = { 401: ApiErrorSchema, 403: ApiErrorSchema }
export const badInput = { 400: ApiErrorSchema, ...refusals }
/** Somebody else's token is answered 404. */
export const notMine = { ...badInput, 404: ApiErrorSchema }
export const inConflict = { ...notMine, 409: ApiErrorSchema }
export const limited = { ...inConflict, 429: ApiErrorSchema }
