import { ApiErrorSchema } from '../contract/common.ts'

/** The response schemas of refusals, by what a route may refuse. Every route behind a session has the first three. */
export const refusals = { 400: ApiErrorSchema, 401: ApiErrorSchema, 403: ApiErrorSchema } as const
export const notFound = { ...refusals, 404: ApiErrorSchema } as const
export const conflict = { ...notFound, 409: ApiErrorSchema } as const
