import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { personBehind } from '../audit/actor.ts'
import { dismissAlarm, revokeFamily, revokeToken } from './revoke-token.ts'
import { endGrace } from './rotate-token.ts'
import { common, inConflict, notMine, params } from './schemas.ts'
import type { TokenStore } from './store.ts'

/** What ends a token of the caller, and what they say of one that was used after its end. */
export const endRoutes: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, { store }) => {
  app.delete(
    '/:id',
    {
      schema: {
        ...common,
        summary: 'Revoke one of my tokens',
        description: 'Final and at once. Revoking it again changes nothing.',
        params,
        response: { 204: Type.Null(), ...notMine },
      },
    },
    async (request, reply) => {
      await revokeToken(store, personBehind(request), request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/end-grace',
    {
      schema: {
        ...common,
        summary: 'End the grace of a replaced token now',
        params,
        response: { 204: Type.Null(), ...inConflict },
      },
    },
    async (request, reply) => {
      await endGrace(store, personBehind(request), request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/revoke-family',
    {
      schema: {
        ...common,
        summary: 'Revoke a token with all that it replaced and that replaced it',
        params,
        response: { 204: Type.Null(), ...notMine },
      },
    },
    async (request, reply) => {
      await revokeFamily(store, personBehind(request), request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/dismiss-alarm',
    {
      schema: {
        ...common,
        summary: 'Say that the use of a retired token was me',
        params,
        response: { 204: Type.Null(), ...notMine },
      },
    },
    async (request, reply) => {
      await dismissAlarm(store, personBehind(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}
