import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'

import type { Directory, InstanceCredential } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { addressKey } from '../limits/address-key.ts'
import type { Limits } from '../limits/limits.ts'
import { spendQuietly } from '../limits/spend.ts'
import { soon, type Soon } from '../soon.ts'
import type { Look, Memory } from '../tokens/memory.ts'
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
export function requireInstance(check: CallerCheck): onRequestHookHandler {
  const authenticate = authenticateInstance(check)
  return (request, reply, done) => {
    const authenticating = authenticate(request, reply)
    if (authenticating instanceof Promise) authenticating.then(() => done(), refuseBy(done))
    else done()
  }
}

/** The same, for a route where only some callers are instances: at once where the credential is held in memory. */
export function authenticateInstance(check: CallerCheck) {
  return (request: FastifyRequest, reply: FastifyReply): Soon<void> => {
    const credential = readInstanceCredential(request.headers.authorization)
    return soon(credential && identify(check, credential, request.cameAt), (instanceId) => {
      if (!instanceId) refuse(check, request, reply)
      request.callerInstanceId = instanceId
    })
  }
}

function identify(
  { directory, memory }: CallerCheck,
  credential: InstanceCredential,
  since: number | undefined,
): Soon<string | null> {
  return soon(memory?.look(since), (look) => look?.caller(credential) ?? ask(directory, credential, look))
}

async function ask(
  directory: Directory,
  credential: InstanceCredential,
  look: Look | undefined,
): Promise<string | null> {
  const instanceId = await directory.authenticateInstance(credential)
  if (instanceId) look?.keepCaller(credential, instanceId)
  return instanceId
}

/** To Fastify no error means to go on, and a host may reject with none. */
const refuseBy = (done: (error: Error) => void) => (error: unknown) =>
  done(error instanceof Error ? error : new TypeError('the host did not say why it cannot identify an instance'))

/** Counts the attempt. @throws {ForgeError} invalid_client, too_many_requests */
function refuse({ limits }: CallerCheck, { headers, ip }: FastifyRequest, reply: FastifyReply): never {
  spendQuietly(limits.failedCaller, reply, addressKey(ip))
  reply.header('www-authenticate', challengeTo(headers.authorization))
  throw new ForgeError('invalid_client', 'This needs the credential of an instance.')
}

/** In the scheme that was tried; a bearer that is no good is called so (RFC 7662 section 2.3, RFC 6750 section 3.1). */
function challengeTo(authorization: string | undefined): string {
  return /^bearer\b/i.test(authorization ?? '') ? 'Bearer realm="forge", error="invalid_token"' : 'Basic realm="forge"'
}
