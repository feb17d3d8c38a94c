import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { requireSession } from '../access/session.ts'
import { personBehind } from '../audit/actor.ts'
import { ApiErrorSchema, IdSchema, PageQuerySchema } from '../contract/common.ts'
import {
  CreatedTokenSchema,
  CreateTokenSchema,
  TokenPageSchema,
  TokenSchema,
  TokenTargetsSchema,
} from '../contract/token.ts'
import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'
import { createToken, getToken, listTargets, listTokens, revokeToken, type TokenStore } from './tokens.ts'

const TokenParams = Type.Object({ id: IdSchema })
const tags = ['Tokens']
const security = [{ session: [] }]
const refusals = { 401: ApiErrorSchema, 403: ApiErrorSchema }

/** The caller's own tokens. Browser session only: a token must never mint, list or revoke a token. */
export const tokenRoutes: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, { store }) => {
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)
  app.addHook('onRequest', requireSession(store.directory))
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))

  app.get(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'List my tokens',
        description: 'Newest first, ended ones included. Never a secret.',
        querystring: PageQuerySchema,
        response: { 200: TokenPageSchema, 400: ApiErrorSchema, ...refusals },
      },
    },
    async (request) => listTokens(store, request.owner.userId, request.query),
  )

  app.post(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'Mint a token',
        description:
          'The answer is the only one that holds the secret. The role is a cap: at every use the token is worth the ' +
          'lower of it and your role at that instance at that moment.',
        body: CreateTokenSchema,
        response: { 201: CreatedTokenSchema, 400: ApiErrorSchema, 404: ApiErrorSchema, ...refusals },
      },
    },
    async (request, reply) => reply.code(201).send(await createToken(store, personBehind(request), request.body)),
  )

  app.get(
    '/targets',
    {
      schema: {
        tags,
        security,
        summary: 'List what my tokens may reach',
        description: 'Teams, applications and instances in which the caller has a role, with that role.',
        response: { 200: TokenTargetsSchema, ...refusals },
      },
    },
    async (request) => listTargets(store, request.owner.userId),
  )

  app.get(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Show one of my tokens',
        params: TokenParams,
        response: { 200: TokenSchema, 400: ApiErrorSchema, 404: ApiErrorSchema, ...refusals },
      },
    },
    async (request) => getToken(store, request.owner.userId, request.params.id),
  )

  app.delete(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Revoke one of my tokens',
        description: 'Final and at once. Revoking it again changes nothing.',
        params: TokenParams,
        response: { 204: Type.Null(), 400: ApiErrorSchema, 404: ApiErrorSchema, ...refusals },
      },
    },
    async (request, reply) => {
      await revokeToken(store, personBehind(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}
