import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { servePeople } from '../access/session.ts'
import { personBehind } from '../audit/actor.ts'
import { ApiErrorSchema, IdSchema } from '../contract/common.ts'
import { CreateOAuthClientSchema, OAuthClientListSchema, OAuthClientSchema } from '../contract/oauth-client.ts'
import type { TokenStore } from '../tokens/store.ts'
import { createClient, deleteClient, listClients } from './team-clients.ts'

const common = { tags: ['Oversight'], security: [{ session: [] }] }
const refusals = { 400: ApiErrorSchema, 401: ApiErrorSchema, 403: ApiErrorSchema, 404: ApiErrorSchema }
const ofTeam = Type.Object({ id: IdSchema })

/** The programs that a team has registered for the device grant, for its owners. Browser session only. */
export const teamClientRoutes: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, { store }) => {
  servePeople(app, store.directory)

  app.get(
    '/',
    {
      schema: {
        ...common,
        summary: 'List the programs that a team has registered',
        params: ofTeam,
        response: { 200: OAuthClientListSchema, ...refusals },
      },
    },
    async (request) => listClients(store, request.owner.userId, request.params.id),
  )

  app.post(
    '/',
    {
      schema: {
        ...common,
        summary: 'Register a program for the device grant',
        description: "It has no secret. What people let it have reaches the team's instances alone.",
        params: ofTeam,
        body: CreateOAuthClientSchema,
        response: { 201: OAuthClientSchema, ...refusals, 409: ApiErrorSchema },
      },
    },
    async (request, reply) => {
      const input = { ...request.body, teamId: request.params.id }
      return reply.code(201).send(await createClient(store, personBehind(request), input))
    },
  )

  app.delete(
    '/:clientId',
    {
      schema: {
        ...common,
        summary: 'Remove a program',
        description: 'It gets no token any more. Those that it has are revoked one by one, in the inventory.',
        params: Type.Object({ id: IdSchema, clientId: IdSchema }),
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async (request, reply) => {
      const { id: teamId, clientId } = request.params
      await deleteClient(store, personBehind(request), { teamId, clientId })
      return reply.code(204).send(null)
    },
  )
}
