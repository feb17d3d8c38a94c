import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { OAuthErrorSchema } from '../contract/introspection.ts'
import { GRANTS, TokenRequestSchema, TokenResponseSchema } from '../contract/oauth.ts'
import type { Directory } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { authenticateInstance } from '../instances/authenticate.ts'
import type { Limits } from '../limits/limits.ts'
import { limitByAddress, spendQuietly } from '../limits/spend.ts'
import type { Verifier } from '../tokens/verify-token.ts'
import { redeemDeviceCode, type DeviceGrant } from './device-grant.ts'
import { exchangeToken } from './exchange.ts'
import { onlyPost, speakOAuth } from './form.ts'

export interface TokenEndpointOptions extends Verifier, DeviceGrant {
  directory: Directory
  limits: Limits
}

/** RFC 6749 section 3.2, with the two grants that there are. */
export const tokenRoute: FastifyPluginAsyncTypebox<TokenEndpointOptions> = async (app, options) => {
  await speakOAuth(app)
  const authenticate = authenticateInstance(options)
  const limitClient = limitByAddress(options.limits.oauthClient)

  app.post(
    '/token',
    {
      schema: {
        tags: ['OAuth'],
        security: [{}, { instanceBearer: [] }, { instanceBasic: [] }],
        summary: 'Get a token (RFC 8628, RFC 8693)',
        description:
          'By a program that polls with its device code, or by an instance, with its own credential, that exchanges ' +
          "its caller's token for one that is good at another instance, for at most 15 minutes. What is issued is an " +
          'ordinary token of the person: in their list, limited, audited and revoked like any other.',
        consumes: ['application/x-www-form-urlencoded'],
        body: TokenRequestSchema,
        response: {
          200: TokenResponseSchema,
          400: OAuthErrorSchema,
          401: OAuthErrorSchema,
          429: OAuthErrorSchema,
          503: OAuthErrorSchema,
        },
      },
    },
    async (request, reply) => {
      switch (request.body.grant_type) {
        case GRANTS.device:
          await limitClient(request, reply)
          return redeemDeviceCode(options, request.body)
        case GRANTS.exchange:
          await authenticate(request, reply)
          spendQuietly(options.limits.exchange, reply, request.callerInstanceId)
          return exchangeToken(options, request, reply)
        default:
          throw new ForgeError('unsupported_grant_type', 'The grants are those of RFC 8628 and RFC 8693.')
      }
    },
  )
  onlyPost(app, '/token')
}
