import formbody from '@fastify/formbody'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiErrorSchema, IdSchema } from '../../../contract/common.ts'
import { takeFlow } from '../flow.ts'
import { findProviderOf } from '../find-provider.ts'
import { SsoRefusal } from '../refusal.ts'
import type { Sso } from '../sso.ts'
import { arrive, checkMayGo, orExplain, originOf, perAddress } from '../way.ts'
import { takeLogoutToken } from './backchannel-logout.ts'
import { readAnswer } from './sign-in.ts'

const ProviderParams = Type.Object({ id: IdSchema })

/** Where browsers and OpenID providers come back to. Below `/account/sso`. */
export const oidcRoutes: FastifyPluginAsyncTypebox<{ sso: Sso }> = async (app, { sso }) => {
  app.get(
    '/:id/callback',
    { config: perAddress, schema: { hide: true, params: ProviderParams } },
    async (request, reply) => finish(sso, request, reply),
  )

  await app.register(async (forms) => {
    await forms.register(formbody)
    forms.post(
      '/:id/backchannel-logout',
      {
        config: perAddress,
        schema: {
          tags: ['Single sign-on'],
          security: [],
          summary: 'End sessions at the word of the provider (OpenID Connect Back-Channel Logout)',
          consumes: ['application/x-www-form-urlencoded'],
          params: ProviderParams,
          body: Type.Object({
            logout_token: Type.String({ minLength: 1, maxLength: 16_000, examples: ['eyJhbGciOiJSUzI1NiJ9.eyJ…'] }),
          }),
          response: {
            200: Type.Null(),
            400: ApiErrorSchema,
            403: ApiErrorSchema,
            404: ApiErrorSchema,
            429: ApiErrorSchema,
            503: ApiErrorSchema,
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params as { id: string }
        const { logout_token: token } = request.body as { logout_token: string }
        const provider = await findProviderOf(sso.sessions.store, id, 'oidc')
        await takeLogoutToken(sso, provider, token, originOf(request))
        return reply.code(200).send(null)
      },
    )
  })
}

/** Takes the browser back from the provider. */
async function finish(
  sso: Sso,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const provider = await findProviderOf(sso.sessions.store, request.params.id, 'oidc')
  const query = new URLSearchParams(request.url.split('?')[1] ?? '')
  const flow = takeFlow(sso, request, reply, query.get('state') ?? '')
  const mine = flow?.providerId === provider.id ? flow : null
  const way = { provider, purpose: mine?.purpose ?? 'sign-in' }

  return orExplain(sso, request, reply, way, async () => {
    if (!mine) throw new SsoRefusal('expired')
    await checkMayGo(sso, request, way)
    const answer = await readAnswer(sso, provider, mine, query)
    return arrive(sso, request, reply, { provider, answer, flow: mine })
  })
}
