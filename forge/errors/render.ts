import type { FastifyReply, FastifyRequest } from 'fastify'

import { databaseTrouble } from './database-trouble.ts'
import { ForgeError } from './forge-error.ts'
import { sentenceFor } from './validation.ts'

/** Error handler below `/api` and `/account`: `{ code, error }`. */
export function renderApiError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = asForgeError(error, request)

  prepare(refusal, reply).send({ code: refusal.code, error: refusal.message })
}

/** Answer to a path that does not exist below `/api`. */
export function renderApiNotFound(request: FastifyRequest, reply: FastifyReply): void {
  renderApiError(new ForgeError('not_found', 'There is nothing at this address.'), request, reply)
}

/** Error handler below `/oauth`: `{ error, error_description }` (RFC 6749 section 5.2), never stored. */
export function renderOAuthError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = asForgeError(error, request)

  prepare(refusal, reply)
    .headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
    .send({ error: OAUTH_CODES[refusal.code] ?? refusal.code, error_description: describable(refusal.message) })
}

/** The characters that RFC 6749 section 5.2 allows; a message may name a team, in any script. */
function describable(message: string): string {
  return message.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')
}

/** Where OAuth has a name of its own for what the API calls otherwise. */
const OAUTH_CODES: Partial<Record<ForgeError['code'], string>> = {
  payload_too_large: 'invalid_request',
  unsupported_media_type: 'invalid_request',
  not_found: 'invalid_request',
  method_not_allowed: 'invalid_request',
  too_many_requests: 'temporarily_unavailable',
  unavailable: 'temporarily_unavailable',
  unexpected_error: 'server_error',
}

function prepare(refusal: ForgeError, reply: FastifyReply): FastifyReply {
  if (refusal.retryAfterSeconds !== undefined) reply.header('retry-after', refusal.retryAfterSeconds)
  return reply.code(refusal.statusCode).type('application/json; charset=utf-8')
}

/** What a thrown value means to the caller. Anything unexpected is logged here and told nobody. */
export function asForgeError(error: unknown, request: FastifyRequest): ForgeError {
  if (error instanceof ForgeError) {
    if (error.statusCode >= 500) request.log.error(error)
    return error
  }

  const refusal = isFastifyError(error) ? fromFastify(error) : null
  if (refusal) return refusal

  request.log.error(error)
  const trouble = databaseTrouble(error)
  if (trouble) return new ForgeError('unavailable', trouble.sentence, trouble)
  return new ForgeError(
    'unexpected_error',
    `Something went wrong here, and it is not your fault. Quote the request ${request.id} when you report it.`,
  )
}

interface FastifyErrorLike {
  code?: string
  statusCode?: number
  validation?: Parameters<typeof sentenceFor>[0]
  validationContext?: string
}

function isFastifyError(error: unknown): error is FastifyErrorLike {
  return error instanceof Error && ('validation' in error || 'statusCode' in error)
}

/** Fastify's own refusals of a request, in our words; null for what is a fault. */
function fromFastify(error: FastifyErrorLike): ForgeError | null {
  if (error.validation) return new ForgeError('invalid_request', sentenceFor(error.validation, error.validationContext))

  switch (error.statusCode) {
    case 400:
      return new ForgeError('invalid_request', 'The request could not be read. Its body must be well-formed.')
    case 404:
    case 414: // a part of the path longer than any id
      return new ForgeError('not_found', 'There is nothing at this address.')
    case 413:
      return new ForgeError('payload_too_large', 'The request is too large.')
    case 415:
      return new ForgeError('unsupported_media_type', 'This content type is not understood here.')
    case 429:
      return new ForgeError('too_many_requests', 'Too many requests. Wait a moment and try again.')
    default:
      return isClientError(error.statusCode) ? new ForgeError('invalid_request', 'The request is not valid.') : null
  }
}

function isClientError(status = 500): boolean {
  return status >= 400 && status < 500
}
