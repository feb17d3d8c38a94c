import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { personBehind } from '../audit/actor.ts'
import { DecideApprovalSchema, TeamApprovalPageSchema, TeamApprovalQuerySchema } from '../contract/oversight.ts'
import type { TokenStore } from '../tokens/store.ts'
import { listApprovals } from './approvals.ts'
import { decideApproval } from './decide-approval.ts'
import { conflicts, forOwners, refusals, ScopeParams, TokenParams } from './schemas.ts'

export const approvalRoutes: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, { store }) => {
  app.get(
    '/teams/:id/approvals',
    {
      schema: {
        ...forOwners,
        summary: 'List what the owners of a team were asked to approve',
        description: 'Pending first, then the newest first.',
        params: ScopeParams,
        querystring: TeamApprovalQuerySchema,
        response: { 200: TeamApprovalPageSchema, ...refusals },
      },
    },
    async (request) => listApprovals(store, request.owner.userId, { ...request.query, id: request.params.id }),
  )

  app.post(
    '/teams/:id/approvals/:tokenId',
    {
      schema: {
        ...forOwners,
        summary: 'Approve a token for production instances, or deny it',
        description:
          'One owner decides, once; whoever asked is told. Approving wants a sign-in within the last ten minutes, and ' +
          'of a token of their own another owner where there is one.',
        params: TokenParams,
        body: DecideApprovalSchema,
        response: { 204: Type.Null(), ...conflicts },
      },
    },
    async (request, reply) => {
      const { id: teamId, tokenId } = request.params
      const { authenticatedAt } = request.owner
      await decideApproval(store, personBehind(request), { ...request.body, teamId, tokenId, authenticatedAt })
      return reply.code(204).send(null)
    },
  )
}
