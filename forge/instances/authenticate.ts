import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Directory, InstanceCredential } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { addressKey } from '../limits/address-key.ts'
import type { Limits } from '../limits/limits.ts'
import { spendQuietly } from '../limits/spend.ts'
import type { Memory } from '../tokens/memory.ts'
import { readInstanceCredential } from './credential.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The instance that asks; set once its credential has been checked. */
    callerInstanceId: string
    /** When it came, by the monotonic clock, where a route notes it: who is known since then need not be looked up. */
    cameAt?: number
  }
}

export interface CallerCheck {
  directory: Directory
  limits: Limits
  /** For who is asked often; without it the host is asked each time. */
  memory?: Memory
}

/**
 * Hook that lets only an instance with a credential of its own pass, and says which one it is. The instance that is
 * spoken of is always the caller: there is no id in any path.
 * @throws {ForgeError} invalid_client, with the challenge of the scheme that was tried (RFC 6749 section 5.2);
 *   too_many_requests for who goes on trying
 */
export function requireInstance(check: CallerCheck): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const { authorization } = request.headers
    const credential = readInstanceCredential(authorization)
    const instanceId = credential && (await identify(check, credential, request.cameAt))
    if (instanceId) {
      request.callerInstanceId = instanceId
      return
    }

    spendQuietly(check.limits.failedCaller, reply, addressKey(request.ip))
    reply.header('www-authenticate', challengeTo(authorization))
    throw new ForgeError('invalid_client', 'This needs the credential of an instance.')
  }
}

async function identify(
  { directory, memory }: CallerCheck,
  credential: InstanceCredential,
  since: number | undefined,
): Promise<string | null> {
  const look = await memory?.look(since)
  const known = look?.caller(credential)
  if (known) return known

  const instanceId = await directory.authenticateInstance(credential)
  if (instanceId) look?.keepCaller(credential, instanceId)
  return instanceId
}

/** In the scheme that was tried; a bearer that is no good is called so (RFC 7662 section 2.3, RFC 6750 section 3.1). */
function challengeTo(authorization: string | undefined): string {
  return /^bearer\b/i.test(authorization ?? '') ? 'Bearer realm="forge", error="invalid_token"' : 'Basic realm="forge"'
}
