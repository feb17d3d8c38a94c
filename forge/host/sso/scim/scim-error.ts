import type { FastifyReply, FastifyRequest } from 'fastify'

import { ForgeError } from '../../../errors/forge-error.ts'
import { asForgeError } from '../../../errors/render.ts'

/** RFC 7644 section 3.12, table 9. */
export type ScimType =
  'invalidFilter' | 'uniqueness' | 'mutability' | 'invalidSyntax' | 'invalidPath' | 'noTarget' | 'invalidValue'

const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error'
export const SCIM_JSON = 'application/scim+json'

/** A refusal that says what of the request was wrong. `detail` is public. */
export class ScimRefusal extends ForgeError {
  readonly scimType: ScimType

  constructor(scimType: ScimType, detail: string) {
    super(scimType === 'uniqueness' ? 'conflict' : 'invalid_request', detail)
    this.name = 'ScimRefusal'
    this.scimType = scimType
  }
}

/** Error handler below `/scim/v2` (RFC 7644 section 3.12): the status is text there. */
export function renderScimError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = asForgeError(error, request)
  const { statusCode, message, retryAfterSeconds } = refusal
  const scimType = refusal instanceof ScimRefusal ? refusal.scimType : statusCode === 400 ? 'invalidSyntax' : undefined

  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds)
  if (statusCode === 401) void reply.header('www-authenticate', 'Bearer realm="SCIM"')
  void reply
    .code(statusCode)
    .type(SCIM_JSON)
    .send({
      schemas: [ERROR_SCHEMA],
      status: String(statusCode),
      ...(scimType === undefined ? {} : { scimType }),
      detail: message,
    })
}

/** Answer to a path that does not exist below `/scim/v2`. */
export function renderScimNotFound(request: FastifyRequest, reply: FastifyReply): void {
  renderScimError(new ForgeError('not_found', 'There is nothing at this address.'), request, reply)
}
