import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { IdSchema } from '../../../contract/common.ts'
import { IssuedScimTokenSchema, ScimStatusSchema } from '../../../contract/scim.ts'
import { notFound } from '../../refusals.ts'
import { requireAdmin } from '../../sessions/person.ts'
import { administrator } from '../provider-routes.ts'
import { issueScimToken, removeScim, scimStatus, type Scim } from './connection.ts'

const common = {
  tags: ['Single sign-on'],
  security: [{ session: [] }],
  params: Type.Object({ id: IdSchema }),
}

/** The token that a provider speaks SCIM with, for administrators. Below `/api/v1/sso/providers/:id/scim`. */
export const scimConnectionRoutes: FastifyPluginAsyncTypebox<{ scim: Scim }> = async (app, { scim }) => {
  app.addHook('onRequest', requireAdmin)

  app.get(
    '/',
    {
      schema: {
        ...common,
        summary: 'Show what a provider tells by SCIM',
        response: { 200: ScimStatusSchema, ...notFound },
      },
    },
    async (request) => scimStatus(scim, request.params.id),
  )

  app.post(
    '/token',
    {
      schema: {
        ...common,
        summary: 'Make a SCIM token for a provider',
        description: 'The only answer that shows it. The one before ends.',
        response: { 201: IssuedScimTokenSchema, ...notFound },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await issueScimToken(scim, administrator(request), request.params.id)),
  )

  app.delete(
    '/token',
    {
      schema: {
        ...common,
        summary: 'End SCIM at a provider',
        description:
          'Its token ends, and what it has told of people and groups is forgotten. Accounts, memberships and suspensions ' +
          'stay as they are; groups are what a sign-in says from then on.',
        response: { 204: Type.Null(), ...notFound },
      },
    },
    async (request, reply) => {
      await removeScim(scim, administrator(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}
