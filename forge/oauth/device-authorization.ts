import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Static } from '@sinclair/typebox'

import { OAuthErrorSchema } from '../contract/introspection.ts'
import { DeviceAuthorizationRequestSchema, DeviceAuthorizationSchema } from '../contract/oauth.ts'
import type { Limits } from '../limits/limits.ts'
import { limitByAddress } from '../limits/spend.ts'
import type { Clients } from './clients.ts'
import { CODE_SECONDS, INTERVAL_SECONDS, type DeviceCodes } from './device-codes.ts'
import { onlyPost, speakOAuth } from './form.ts'
import { readResource } from './resource.ts'
import { isReadingScope } from './scopes.ts'

export interface DeviceAuthorizationOptions {
  clients: Clients
  codes: DeviceCodes
  limits: Limits
  issuer: string
}

/** RFC 8628 section 3.1: a program without a browser begins to ask for a token. */
export const deviceAuthorizationRoute: FastifyPluginAsyncTypebox<DeviceAuthorizationOptions> = async (app, options) => {
  await speakOAuth(app)
  app.addHook('onRequest', limitByAddress(options.limits.deviceRequest))

  app.post(
    '/device_authorization',
    {
      schema: {
        tags: ['OAuth'],
        security: [{}],
        summary: 'Ask to be let in by a code (RFC 8628)',
        description:
          'By a program that has no browser. It shows the code and the address to its user, who decides there, signed ' +
          'in, what it may reach and do; meanwhile it polls the token endpoint.',
        consumes: ['application/x-www-form-urlencoded'],
        body: DeviceAuthorizationRequestSchema,
        response: {
          200: DeviceAuthorizationSchema,
          400: OAuthErrorSchema,
          401: OAuthErrorSchema,
          429: OAuthErrorSchema,
          503: OAuthErrorSchema,
        },
      },
    },
    async (request) => authorize(options, request.body, request.ip),
  )
  onlyPost(app, '/device_authorization')
}

/** @throws {ForgeError} invalid_client, unauthorized_client, invalid_scope, invalid_target, unavailable */
async function authorize(
  { clients, codes, issuer }: DeviceAuthorizationOptions,
  { client_id: clientId, scope, resource = [] }: Static<typeof DeviceAuthorizationRequestSchema>,
  address: string,
): Promise<Static<typeof DeviceAuthorizationSchema>> {
  const readOnly = isReadingScope(scope)
  const resources = [...new Set([resource].flat().map(readResource))]
  const client = await clients.find(clientId)
  const { deviceCode, userCode } = await codes.open({ client, address, resources, readOnly }, new Date())

  const page = `${issuer}/device`
  return {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${userCode}`,
    expires_in: CODE_SECONDS,
    interval: INTERVAL_SECONDS,
  }
}
