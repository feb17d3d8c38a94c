import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { OAuthErrorSchema } from '../contract/introspection.ts'
import { RevocationRequestSchema, type RevocationRequest } from '../contract/oauth.ts'
import type { Directory } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { authenticateInstance } from '../instances/authenticate.ts'
import { addressKey } from '../limits/address-key.ts'
import type { Limits } from '../limits/limits.ts'
import { limitByAddress } from '../limits/spend.ts'
import { countFailure } from '../tokens/failed-presentation.ts'
import type { KnownToken } from '../tokens/facts.ts'
import { revokePresented } from '../tokens/revoke-presented.ts'
import type { TokenStore } from '../tokens/store.ts'
import { verifyToken, type Verifier } from '../tokens/verify-token.ts'
import type { Clients } from './clients.ts'
import { onlyPost, speakOAuth } from './form.ts'

export interface RevocationOptions extends Verifier {
  store: TokenStore
  directory: Directory
  limits: Limits
  clients: Clients
}

/** RFC 7009. Whoever asks holds the token, and is the client that it was issued to. */
export const revocationRoute: FastifyPluginAsyncTypebox<RevocationOptions> = async (app, options) => {
  await speakOAuth(app)
  app.addHook('onRequest', limitByAddress(options.limits.oauthClient))
  const authenticate = authenticateInstance(options)

  app.post(
    '/revoke',
    {
      schema: {
        tags: ['OAuth'],
        security: [{}, { instanceBearer: [] }, { instanceBasic: [] }],
        summary: 'Revoke a token (RFC 7009)',
        description:
          'By the program that it was issued to, named by its `client_id`, or by the instance that exchanged for it, ' +
          'with its own credential. A token that was minted on the page belongs to no program, and any may end it that ' +
          'holds it. One that is unknown or has ended is answered like one that was revoked now.',
        consumes: ['application/x-www-form-urlencoded'],
        body: RevocationRequestSchema,
        response: {
          200: Type.String({ const: '' }),
          400: OAuthErrorSchema,
          401: OAuthErrorSchema,
          429: OAuthErrorSchema,
          503: OAuthErrorSchema,
        },
      },
    },
    async (request, reply) => {
      const isInstance = request.headers.authorization !== undefined
      if (isInstance) await authenticate(request, reply)
      else await checkClient(options.clients, request.body)

      await revoke(options, request, reply)
      return reply.code(200).type('text/plain; charset=utf-8').send('')
    },
  )
  onlyPost(app, '/revoke')
}

/** @throws {ForgeError} invalid_client */
async function checkClient(clients: Clients, { client_id: clientId }: RevocationRequest): Promise<void> {
  if (clientId === undefined) {
    throw new ForgeError('invalid_client', 'Say who asks: client_id is missing, and so is a credential.')
  }
  await clients.check(clientId)
}

/** @throws {ForgeError} invalid_grant for a token that was issued to somebody else; too_many_requests, unavailable */
async function revoke(
  options: RevocationOptions,
  request: FastifyRequest<{ Body: RevocationRequest }>,
  reply: FastifyReply,
): Promise<void> {
  const { store, limits } = options
  const { body, id: requestId, ip: address } = request
  const token = await verifyToken(options, body.token)
  if (!token) return countFailure(limits, reply, { presented: body.token, caller: `address:${addressKey(address)}` })

  if (!isIssuedTo(token, { instanceId: request.callerInstanceId, clientId: body.client_id })) {
    throw new ForgeError('invalid_grant', 'This token was issued to somebody else.')
  }
  await revokePresented(store, token, { requestId, address })
}

/** RFC 7009 section 2.1. What its owner minted on the page was issued to nobody: holding it is enough for a program. */
function isIssuedTo(
  { issued }: KnownToken,
  caller: { instanceId: string | undefined; clientId: string | undefined },
): boolean {
  if (issued.via === 'exchange') return caller.instanceId !== undefined && issued.toId === caller.instanceId
  if (caller.instanceId !== undefined) return false
  return issued.via === 'page' || issued.toId === caller.clientId
}
