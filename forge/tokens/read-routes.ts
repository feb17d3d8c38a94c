import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { PageQuerySchema } from '../contract/common.ts'
import { ExplainTokenSchema, ExplanationSchema } from '../contract/explain.ts'
import { FirstCallSchema } from '../contract/slips.ts'
import { SignInListSchema } from '../contract/targets.ts'
import { TokenPageSchema, TokenSchema, TokenUsageSchema, UsedTokenSchema } from '../contract/token.ts'
import { explainToken } from './explain.ts'
import { getToken, listTokens } from './list-tokens.ts'
import { badInput, common, notMine, params, refusals } from './schemas.ts'
import { listSignIns } from './sign-ins.ts'
import { getFirstCall } from './slips.ts'
import type { TokenStore } from './store.ts'
import { getUsage } from './usage.ts'
import { getUsed } from './used.ts'

/** What the caller may know of their tokens. */
export const readRoutes: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, { store }) => {
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
}
