import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { checkFresh, requireSession } from '../access/session.ts'
import { personBehind } from '../audit/actor.ts'
import { ApiErrorSchema, IdSchema, PageQuerySchema } from '../contract/common.ts'
import { ExplainTokenSchema, ExplanationSchema, PreviewSchema, PreviewTokenSchema } from '../contract/explain.ts'
import { FirstCallSchema } from '../contract/slips.ts'
import { SignInListSchema, TokenTargetsSchema } from '../contract/targets.ts'
import {
  CreatedTokenSchema,
  CreateTokenSchema,
  RotateTokenSchema,
  TokenPageSchema,
  TokenSchema,
  TokenUsageSchema,
  UpdateTokenSchema,
  UsedTokenSchema,
} from '../contract/token.ts'
import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'
import type { Limits } from '../limits/limits.ts'
import { spend } from '../limits/spend.ts'
import { createToken } from './create-token.ts'
import { editToken } from './edit-token.ts'
import { explainToken, previewToken } from './explain.ts'
import { getToken, listTokens } from './list-tokens.ts'
import { dismissAlarm, revokeFamily, revokeToken } from './revoke-token.ts'
import { endGrace, rotateToken } from './rotate-token.ts'
import { listSignIns } from './sign-ins.ts'
import { getFirstCall } from './slips.ts'
import type { TokenStore } from './store.ts'
import { getUsage } from './usage.ts'
import { getUsed } from './used.ts'
import { listTargets } from './wish.ts'

const params = Type.Object({ id: IdSchema })
const common = { tags: ['Tokens'], security: [{ session: [] }] }
const refusals = { 401: ApiErrorSchema, 403: ApiErrorSchema }
const badInput = { 400: ApiErrorSchema, ...refusals }
const notMine = { ...badInput, 404: ApiErrorSchema }
const inConflict = { ...notMine, 409: ApiErrorSchema }
const limited = { ...inConflict, 429: ApiErrorSchema }

export interface TokenRoutesOptions {
  store: TokenStore
  limits: Limits
}

/** The caller's own tokens. Browser session only: a token must never mint, list or revoke a token. */
export const tokenRoutes: FastifyPluginAsyncTypebox<TokenRoutesOptions> = async (app, { store, limits }) => {
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)
  app.addHook('onRequest', requireSession(store.directory))
  const limitMinting = async (request: FastifyRequest, reply: FastifyReply) =>
    spend(limits.mint, reply, request.owner.userId)
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))

  app.get(
    '/',
    {
      schema: {
        ...common,
        summary: 'List my tokens',
        description: 'Newest first, ended ones included. Never a secret.',
        querystring: PageQuerySchema,
        response: { 200: TokenPageSchema, ...badInput },
      },
    },
    async (request) => listTokens(store, request.owner.userId, request.query),
  )

  app.post(
    '/',
    {
      schema: {
        ...common,
        summary: 'Mint a token',
        description:
          'The answer is the only one that holds the secret. The role is a cap: at every use the token is worth the ' +
          'lowest of it, your role at that instance at that moment, and what the policy of its team allows. ' +
          'Wants a sign-in within the last ten minutes.',
        body: CreateTokenSchema,
        response: { 201: CreatedTokenSchema, ...limited },
      },
      preHandler: limitMinting,
    },
    async (request, reply) => {
      checkFresh(request.owner.authenticatedAt, Date.now())
      return reply.code(201).send(await createToken(store, personBehind(request), request.body))
    },
  )

  app.get(
    '/targets',
    {
      schema: {
        ...common,
        summary: 'List what my tokens may reach',
        description: 'Teams, applications and instances in which the caller has a role, with that role and the policy.',
        response: { 200: TokenTargetsSchema, ...refusals },
      },
    },
    async (request) => listTargets(store, request.owner.userId, request.owner.providerId),
  )

  app.get(
    '/sign-ins',
    {
      schema: {
        ...common,
        summary: 'List the sign-ins that keep my tokens going',
        description: 'By identity provider, with the time by which tokens stop in its teams without another sign-in.',
        response: { 200: SignInListSchema, ...refusals },
      },
    },
    async (request) => listSignIns(store, request.owner.userId),
  )

  app.post(
    '/preview',
    {
      schema: {
        ...common,
        summary: 'See what minting would come to',
        description: 'Writes nothing. The decision is the one that introspection takes, so the two cannot disagree.',
        body: PreviewTokenSchema,
        response: { 200: PreviewSchema, ...badInput },
      },
    },
    async (request) => previewToken(store, request.owner, request.body),
  )

  app.post(
    '/:id/explain',
    {
      schema: {
        ...common,
        summary: 'Explain what one of my tokens may do at an instance',
        description:
          'The rules of the access decision in their order, in words; about a tool too, by what the instance ' +
          'reported of it and its owners say.',
        params,
        body: ExplainTokenSchema,
        response: { 200: ExplanationSchema, ...notMine },
      },
    },
    async (request) => explainToken(store, request.owner.userId, { ...request.body, id: request.params.id }),
  )

  app.get(
    '/:id',
    {
      schema: { ...common, summary: 'Show one of my tokens', params, response: { 200: TokenSchema, ...notMine } },
    },
    async (request) => getToken(store, request.owner.userId, request.params.id),
  )

  app.get(
    '/:id/usage',
    {
      schema: {
        ...common,
        summary: 'Count the uses of one of my tokens by day',
        description:
          'Of the last 30 days: calls of tools, or questions of instances where these are more. An instance remembers an ' +
          'answer for seconds, so many plain requests in a row may count as one.',
        params,
        response: { 200: TokenUsageSchema, ...notMine },
      },
    },
    async (request) => getUsage(store, request.owner.userId, request.params.id),
  )

  app.get(
    '/:id/used',
    {
      schema: {
        ...common,
        summary: 'See what one of my tokens was used for, and what it could do without',
        description: 'In the last 30 days, by the log of calls and the last use.',
        params,
        response: { 200: UsedTokenSchema, ...notMine },
      },
    },
    async (request) => getUsed(store, request.owner.userId, request.params.id),
  )

  app.get(
    '/:id/first-call',
    {
      schema: {
        ...common,
        summary: 'Look whether one of my tokens has been used, and what came in its place',
        description:
          'For whoever waits for the first call: the use, or the slips that were seen meanwhile, such as a variable that ' +
          'was not expanded, a token that is cut short, or one that was taken to another instance.',
        params,
        response: { 200: FirstCallSchema, ...notMine },
      },
    },
    async (request) => getFirstCall(store, request.owner.userId, request.params.id),
  )

  app.patch(
    '/:id',
    {
      schema: {
        ...common,
        summary: 'Change one of my tokens',
        description: 'Less is free. More is minting: the same checks, and a sign-in within the last ten minutes.',
        params,
        body: UpdateTokenSchema,
        response: { 200: TokenSchema, ...inConflict },
      },
    },
    async (request) => {
      const editor = { actor: personBehind(request), authenticatedAt: request.owner.authenticatedAt }
      return editToken(store, editor, { ...request.body, id: request.params.id })
    },
  )

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
    '/:id/rotate',
    {
      schema: {
        ...common,
        summary: 'Replace one of my tokens by a new one',
        description:
          'The new one has the same restrictions and never more. The old one works until its grace ends. When the ' +
          'answer is lost, nothing is: the new one is in the list and can be rotated in its turn.',
        params,
        body: RotateTokenSchema,
        response: { 201: CreatedTokenSchema, ...limited },
      },
      preHandler: limitMinting,
    },
    async (request, reply) => {
      checkFresh(request.owner.authenticatedAt, Date.now())
      const input = { ...request.body, id: request.params.id }
      return reply.code(201).send(await rotateToken(store, personBehind(request), input))
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
}
