import type { FastifyReply, FastifyRequest } from 'fastify'

import { ForgeError } from '../errors/forge-error.ts'
import { addressKey } from './address-key.ts'
import type { Limit, Usage } from './limit.ts'

/**
 * Counts one for a key, says in the answer's headers how much is left (draft-ietf-httpapi-ratelimit-headers, RateLimit
 * and RateLimit-Policy), and refuses when it is too much.
 * @throws {ForgeError} too_many_requests, with the time until the window ends
 */
export function spend(limit: Limit | null, reply: FastifyReply, key: string): void {
  if (!limit) return

  const usage = limit.take(key)
  describe(limit, usage, reply)
  if (!usage.allowed) throw tooMany(usage)
}

/**
 * The same, and the headers are there only when it is too much: for answers that must not differ by what was counted.
 * @throws {ForgeError} too_many_requests
 */
export function spendQuietly(limit: Limit | null, reply: FastifyReply, key: string): void {
  const usage = limit?.take(key)
  if (!limit || !usage || usage.allowed) return

  describe(limit, usage, reply)
  throw tooMany(usage)
}

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Hook that counts every request for the address that it comes from. @throws {ForgeError} too_many_requests */
export function limitByAddress(limit: Limit | null): Hook {
  return async (request, reply) => spend(limit, reply, addressKey(request.ip))
}

function describe({ name, quota }: Limit, { remaining, resetSeconds }: Usage, reply: FastifyReply): void {
  reply.header('ratelimit-policy', `"${name}";q=${quota.max};w=${quota.windowSeconds}`)
  reply.header('ratelimit', `"${name}";r=${remaining};t=${resetSeconds}`)
}

function tooMany({ resetSeconds }: Usage): ForgeError {
  return new ForgeError('too_many_requests', 'Too many requests. Wait as long as Retry-After says, and try again.', {
    retryAfterSeconds: resetSeconds,
  })
}
