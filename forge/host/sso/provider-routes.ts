import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'

import type { PersonActor } from '../../audit/actor.ts'
import { IdSchema } from '../../contract/common.ts'
import { ProviderInputSchema, ProviderListSchema, ProviderSchema } from '../../contract/sso.ts'
import { conflict, notFound, refusals } from '../refusals.ts'
import { requireAdmin } from '../sessions/person.ts'
import { createProvider, deleteProvider, getProvider, listProviders, replaceProvider } from './providers.ts'
import type { Sso } from './sso.ts'

const common = { tags: ['Single sign-on'], security: [{ session: [] }] }
const ProviderParams = Type.Object({ id: IdSchema })

/** Identity providers, for administrators. Below `/api/v1/sso/providers`. */
export const providerRoutes: FastifyPluginAsyncTypebox<{ sso: Sso }> = async (app, { sso }) => {
  app.addHook('onRequest', requireAdmin)

  app.get(
    '/',
    { schema: { ...common, summary: 'List identity providers', response: { 200: ProviderListSchema, ...refusals } } },
    async () => listProviders(sso),
  )

  app.post(
    '/',
    {
      schema: {
        ...common,
        summary: 'Add an identity provider',
        body: ProviderInputSchema,
        response: { 201: ProviderSchema, ...conflict },
      },
    },
    async (request, reply) => reply.code(201).send(await createProvider(sso, administrator(request), request.body)),
  )

  app.get(
    '/:id',
    {
      schema: {
        ...common,
        summary: 'Show an identity provider',
        params: ProviderParams,
        response: { 200: ProviderSchema, ...notFound },
      },
    },
    async (request) => getProvider(sso, request.params.id),
  )

  app.put(
    '/:id',
    {
      schema: {
        ...common,
        summary: 'Configure an identity provider anew',
        description: 'A secret that is left out stays as it was. Disabling it ends the sessions that came through it.',
        params: ProviderParams,
        body: ProviderInputSchema,
        response: { 200: ProviderSchema, ...conflict },
      },
    },
    async (request) => replaceProvider(sso, administrator(request), request.params.id, request.body),
  )

  app.delete(
    '/:id',
    {
      schema: {
        ...common,
        summary: 'Remove an identity provider',
        description: 'Accounts and memberships stay. Refused while a team is reached through it.',
        params: ProviderParams,
        response: { 204: Type.Null(), ...conflict },
      },
    },
    async (request, reply) => {
      await deleteProvider(sso, administrator(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}

export function administrator({ person, id, ip }: FastifyRequest): PersonActor {
  const { userId, username, sessionId } = person
  return { type: 'user', userId, username, sessionId, requestId: id, address: ip }
}
