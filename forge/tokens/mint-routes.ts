import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { checkFresh } from '../access/session.ts'
import { personBehind } from '../audit/actor.ts'
import { PreviewSchema, PreviewTokenSchema } from '../contract/explain.ts'
import { TokenTargetsSchema } from '../contract/targets.ts'
import {
  CreatedTokenSchema,
  CreateTokenSchema,
  RotateTokenSchema,
  TokenSchema,
  UpdateTokenSchema,
} from '../contract/token.ts'
import type { Limits } from '../limits/limits.ts'
import { spend } from '../limits/spend.ts'
import { createToken } from './create-token.ts'
import { editToken } from './edit-token.ts'
import { previewToken } from './explain.ts'
import { rotateToken } from './rotate-token.ts'
import { badInput, common, limited, params, refusals } from './schemas.ts'
import type { TokenStore } from './store.ts'
import { listTargets } from './wish.ts'

export interface MintRoutesOptions {
  store: TokenStore
  limits: Limits
}

/** What gives a token its power: minting, rotating and changing it, and what the page asks before. */
export const mintRoutes: FastifyPluginAsyncTypebox<MintRoutesOptions> = async (app, { store, limits }) => {
  const limitMinting = async (request: FastifyRequest, reply: FastifyReply) =>
    spend(limits.mint, reply, request.owner.userId)

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

  app.patch(
    '/:id',
    {
      schema: {
        ...common,
        summary: 'Change one of my tokens',
        description: 'Less is free. More is minting: the same checks, and a sign-in within the last ten minutes.',
        params,
        body: UpdateTokenSchema,
        response: { 200: TokenSchema, ...limited },
      },
      preHandler: async (request, reply) => spend(limits.edit, reply, request.owner.userId),
    },
    async (request) => {
      const editor = { actor: personBehind(request), authenticatedAt: request.owner.authenticatedAt }
      return editToken(store, editor, { ...request.body, id: request.params.id })
    },
  )
}
