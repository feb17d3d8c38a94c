import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiErrorSchema, IdSchema } from '../../contract/common.ts'
import { FindProviderSchema, FoundProviderSchema } from '../../contract/sso.ts'
import { beginFlow, type Wish } from './flow.ts'
import type { ProviderRow } from './model.ts'
import { passwordPage } from './ldap/password-page.ts'
import { oidcRoutes } from './oidc/routes.ts'
import { authorizationUrl } from './oidc/sign-in.ts'
import { findProvider } from './find-provider.ts'
import { findProviderFor } from './providers.ts'
import { returnPath } from './return-path.ts'
import { samlRequestUrl } from './saml/sign-in.ts'
import type { Sso } from './sso.ts'
import { checkMayGo, orExplain, perAddress } from './way.ts'

const ProviderParams = Type.Object({ id: IdSchema })

const StartQuery = Type.Object({
  return_to: Type.Optional(Type.String({ maxLength: 2_000 })),
  reauthenticate: Type.Optional(Type.Boolean()),
  test: Type.Optional(Type.Boolean()),
})

/** The way through an identity provider: it begins here, and each protocol has its own end. Below `/account/sso`. */
export const ssoRoutes: FastifyPluginAsyncTypebox<{ sso: Sso }> = async (app, { sso }) => {
  app.post(
    '/find',
    {
      config: perAddress,
      schema: {
        tags: ['Single sign-on'],
        security: [],
        summary: 'Find the identity provider of an e-mail address',
        description: 'By its domain alone: the answer says nothing about who has an account.',
        body: FindProviderSchema,
        response: { 200: FoundProviderSchema, 400: ApiErrorSchema, 403: ApiErrorSchema, 429: ApiErrorSchema },
      },
    },
    async (request) => findProviderFor(sso, request.body.email),
  )

  // A station of a browser on its way, not a call of a program.
  app.get(
    '/:id/start',
    { config: perAddress, schema: { hide: true, params: ProviderParams, querystring: StartQuery } },
    async (request, reply) => start(sso, request, reply),
  )
  await app.register(oidcRoutes, { sso })
}

type StartRequest = FastifyRequest<{
  Params: { id: string }
  Querystring: { return_to?: string; reauthenticate?: boolean; test?: boolean }
}>

/** Sends the browser to the provider. */
async function start(sso: Sso, request: StartRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { return_to: returnTo, reauthenticate = false, test = false } = request.query
  const provider = await findProvider(sso.sessions.store, request.params.id)
  const way = { provider, purpose: test ? 'test' : 'sign-in' } as const

  return orExplain(sso, request, reply, way, async () => {
    await checkMayGo(sso, request, way)
    const { purpose } = way
    const wish = { providerId: provider.id, purpose, returnTo: returnPath(sso.baseUrl, returnTo), reauthenticate }
    return begin(sso, reply, provider, wish)
  })
}

/** Where the browser goes to prove who its person is. @throws {SsoRefusal} */
async function begin(sso: Sso, reply: FastifyReply, provider: ProviderRow, wish: Wish): Promise<string> {
  switch (provider.type) {
    case 'oidc':
      return (await authorizationUrl(sso, provider, beginFlow(sso, reply, wish))).href
    case 'saml':
      return samlRequestUrl(sso, provider, beginFlow(sso, reply, wish))
    case 'ldap':
      return passwordPage(sso, provider, wish)
  }
}
