import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiErrorSchema } from '../contract/common.ts'
import { WhoAmISchema, type WhoAmI } from '../contract/whoami.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'
import { addressKey } from '../limits/address-key.ts'
import type { Limits } from '../limits/limits.ts'
import { limitByAddress } from '../limits/spend.ts'
import { printableText } from '../sql/text.ts'
import { countFailure } from './failed-presentation.ts'
import type { TokenStore } from './store.ts'
import type { Verifier } from './verify-token.ts'
import type { WrongSecrets } from './wrong-secrets.ts'
import { whoAmI } from './whoami.ts'

export interface WhoAmIOptions {
  store: TokenStore
  verifier: Verifier
  wrongSecrets: WrongSecrets
  limits: Limits
}

/** The one route of the API that takes a token, and only to tell it about itself. */
export const whoAmIRoute: FastifyPluginAsyncTypebox<WhoAmIOptions> = async (app, options) => {
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
  app.addHook('onRequest', limitByAddress(options.limits.whoami))

  app.get(
    '/whoami',
    {
      schema: {
        tags: ['Tokens'],
        security: [{ accessToken: [] }],
        summary: 'Ask a token who it is',
        description:
          'With the token itself as the bearer. Works with every token that is alive, whatever it may do, and is not ' +
          'written down as a use.',
        response: { 200: WhoAmISchema, 401: ApiErrorSchema, 429: ApiErrorSchema, 503: ApiErrorSchema },
      },
    },
    async (request, reply) => answer(options, request, reply),
  )
}

/** @throws {ForgeError} unauthorized, invalid_token (RFC 6750 section 3.1), too_many_requests, unavailable */
async function answer(options: WhoAmIOptions, request: FastifyRequest, reply: FastifyReply): Promise<WhoAmI> {
  const { store, verifier, wrongSecrets, limits } = options
  const presented = readBearer(request.headers.authorization)
  if (presented === null) {
    // Who sent nothing is told what to send, and is not called wrong.
    reply.header('www-authenticate', 'Bearer realm="forge"')
    throw new ForgeError('unauthorized', 'Send a token: Authorization: Bearer, a blank, and the token.')
  }

  const { id: requestId, ip: address, headers } = request
  const client = printableText(headers['user-agent'], 200)
  const found = await whoAmI(store, { ...verifier, wrongSecrets }, { text: presented, requestId, address, client })
  if (found) return found

  countFailure(limits, reply, { presented, caller: `address:${addressKey(address)}` })
  reply.header('www-authenticate', `Bearer realm="forge", error="invalid_token", error_description="${DEAD}"`)
  throw new ForgeError('invalid_token', DEAD)
}

const DEAD = 'This token is unknown, expired, revoked or replaced.'

function readBearer(authorization: string | undefined): string | null {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? null
}
