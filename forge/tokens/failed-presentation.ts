import type { FastifyReply } from 'fastify'

import { parseToken } from '../contract/token-format.ts'
import type { Limits } from '../limits/limits.ts'
import { spendQuietly } from '../limits/spend.ts'

/**
 * Counts a presentation that is refused, against its selector and against whoever presented it. Asked only after the
 * refusal, so that nobody can lock out a token that works; and after every refusal, so that the count tells nobody
 * whether a text is a token that ended or none at all.
 * @param caller an instance, or an address
 * @throws {ForgeError} too_many_requests
 */
export function countFailure(
  limits: Limits,
  reply: FastifyReply,
  failure: { presented: string; caller: string },
): void {
  const parts = parseToken(failure.presented)
  if (parts) spendQuietly(limits.failedSelector, reply, parts.selector)
  spendQuietly(limits.failedCaller, reply, failure.caller)
}
