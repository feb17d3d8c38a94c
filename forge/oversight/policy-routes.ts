import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { personBehind } from '../audit/actor.ts'
import { PolicyAnswerSchema, PolicyQuerySchema } from '../contract/oversight.ts'
import { TokenPolicySchema } from '../contract/policy.ts'
import type { TokenStore } from '../tokens/store.ts'
import { getPolicy, savePolicy, tryPolicy } from './save-policy.ts'
import { conflicts, forOwners, refusals, ScopeParams } from './schemas.ts'

export const policyRoutes: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, { store }) => {
  app.get(
    '/teams/:id/token-policy',
    {
      schema: {
        ...forOwners,
        summary: "Show a team's policy for tokens",
        description: 'The default where its owners have saved none.',
        params: ScopeParams,
        response: { 200: TokenPolicySchema, ...refusals },
      },
    },
    async (request) => getPolicy(store, request.owner.userId, request.params.id),
  )

  app.put(
    '/teams/:id/token-policy',
    {
      schema: {
        ...forOwners,
        summary: "Save a team's policy for tokens, or try it",
        description:
          'The whole policy. It holds from the next use of any token, and those who lose something by it are told. ' +
          'Wants a sign-in within the last ten minutes. With `dryRun=true` nothing is saved: the answer says how many ' +
          'tokens of how many people it would affect.',
        params: ScopeParams,
        querystring: PolicyQuerySchema,
        body: TokenPolicySchema,
        response: { 200: PolicyAnswerSchema, ...conflicts },
      },
    },
    async (request) => {
      const input = { teamId: request.params.id, policy: request.body }
      if (request.query.dryRun) return tryPolicy(store, request.owner.userId, input)

      const { authenticatedAt } = request.owner
      return savePolicy(store, { actor: personBehind(request), authenticatedAt }, input)
    },
  )
}
