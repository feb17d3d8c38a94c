import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { personBehind } from '../audit/actor.ts'
import {
  PersonRevocationQuerySchema,
  RevokedForTeamSchema,
  RevokeForTeamSchema,
  TeamHealthSchema,
  TeamTokenPageSchema,
  TeamTokenQuerySchema,
} from '../contract/oversight.ts'
import { RevocationSchema } from '../contract/revocation.ts'
import { TOKEN_TOOLS_LIMIT, TokenToolsSchema } from '../contract/tool-registry.ts'
import type { TokenStore } from '../tokens/store.ts'
import { instanceCutProgress, personCutProgress, teamCutProgress } from './cut-progress.ts'
import { cutAllOf, cutForInstance, cutForTeam } from './cut-token.ts'
import { listInstanceTokens, listTeamTokens } from './inventory.ts'
import { forOwners, refusals, ScopeParams, TokenParams } from './schemas.ts'
import { getTeamHealth } from './team-health.ts'
import { listTeamTokenTools } from './token-tools.ts'

const list = {
  ...forOwners,
  description:
    'Newest first, ended ones included. With the holder, the restrictions, what the token is worth here now and its ' +
    'last use. Never a secret, and nothing of what it reaches elsewhere.',
  params: ScopeParams,
  querystring: TeamTokenQuerySchema,
  response: { 200: TeamTokenPageSchema, ...refusals },
}
const cut = {
  ...forOwners,
  description:
    'Final and at once, with all of its family that still works; elsewhere it goes on working. The holder is told. ' +
    'Doing it again changes nothing.',
  params: TokenParams,
  response: { 204: Type.Null(), ...refusals },
}

const progress = {
  ...forOwners,
  description:
    'Of the instances here that it reached. Those that listen confirm within a moment; the others ask the forge again ' +
    'within 10 seconds. Kept for a day. 404 for a token that was not ended here.',
  params: TokenParams,
  response: { 200: RevocationSchema, ...refusals },
}

export const inventoryRoutes: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, { store }) => {
  app.get('/teams/:id/tokens', { schema: { ...list, summary: 'List the tokens that reach a team' } }, async (request) =>
    listTeamTokens(store, request.owner.userId, { ...request.query, id: request.params.id }),
  )

  app.get(
    '/teams/:id/token-health',
    {
      schema: {
        ...forOwners,
        summary: 'See how the tokens that reach a team are',
        description: 'A score of 0 to 100 for all of them, and what there is to mend. Of the 2,000 newest at most.',
        params: ScopeParams,
        response: { 200: TeamHealthSchema, ...refusals },
      },
    },
    async (request) => getTeamHealth(store, request.owner.userId, request.params.id),
  )

  app.get(
    '/instances/:id/tokens',
    { schema: { ...list, summary: 'List the tokens that reach an instance' } },
    async (request) => listInstanceTokens(store, request.owner.userId, { ...request.query, id: request.params.id }),
  )

  app.get(
    '/teams/:id/tokens/:tokenId/tools',
    {
      schema: {
        ...forOwners,
        summary: 'List the tools of a team that a token can call, and those that it can not',
        description:
          `At the instances of the team that it reaches now, at most ${TOKEN_TOOLS_LIMIT}. Says which came or changed ` +
          'after the token was minted, and which it called in the last 30 days.',
        params: TokenParams,
        response: { 200: TokenToolsSchema, ...refusals },
      },
    },
    async (request) => listTeamTokenTools(store, request.owner.userId, request.params),
  )

  app.delete(
    '/teams/:id/tokens/:tokenId',
    { schema: { ...cut, summary: 'Revoke a token for a team' } },
    async (request, reply) => {
      await cutForTeam(store, personBehind(request), request.params)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/instances/:id/tokens/:tokenId',
    { schema: { ...cut, summary: 'Revoke a token for an instance' } },
    async (request, reply) => {
      await cutForInstance(store, personBehind(request), request.params)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/teams/:id/tokens/:tokenId/revocation',
    { schema: { ...progress, summary: 'See which instances know that a token is revoked for a team' } },
    async (request) => teamCutProgress(store, request.owner.userId, request.params),
  )

  app.get(
    '/instances/:id/tokens/:tokenId/revocation',
    { schema: { ...progress, summary: 'See whether an instance knows that a token is revoked for it' } },
    async (request) => instanceCutProgress(store, request.owner.userId, request.params),
  )

  app.post(
    '/teams/:id/tokens/revoke',
    {
      schema: {
        ...forOwners,
        summary: "Revoke all of a person's tokens for a team",
        description: 'Elsewhere they go on working.',
        params: ScopeParams,
        body: RevokeForTeamSchema,
        response: { 200: RevokedForTeamSchema, ...refusals },
      },
    },
    async (request) => {
      const { userId } = request.body
      return cutAllOf(store, personBehind(request), { id: request.params.id, userId })
    },
  )

  app.get(
    '/teams/:id/tokens/revocation',
    {
      schema: {
        ...forOwners,
        summary: "See which instances know that a person's tokens are revoked for a team",
        description:
          'Of the instances here that they reached. One that several of them reached counts once, and has confirmed when ' +
          'it has of each. Kept for a day. 404 where no token of theirs was ended here since then.',
        params: ScopeParams,
        querystring: PersonRevocationQuerySchema,
        response: { 200: RevocationSchema, ...refusals },
      },
    },
    async (request) => personCutProgress(store, request.owner.userId, { ...request.query, id: request.params.id }),
  )
}
