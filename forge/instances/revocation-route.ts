import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { servePeople } from '../access/session.ts'
import { RevocationSchema } from '../contract/revocation.ts'
import { common, notMine, params } from '../tokens/schemas.ts'
import type { TokenStore } from '../tokens/store.ts'
import { revocationOf } from './revocation-progress.ts'

/** What the page says after a token was revoked. */
export const revocationProgressRoute: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, { store }) => {
  servePeople(app, store.directory)

  app.get(
    '/:id/revocation',
    {
      schema: {
        ...common,
        summary: 'See which instances know that one of my tokens is revoked',
        description:
          'Of the instances that it reached. Those that listen confirm within a moment; the others ask the forge again ' +
          'within 10 seconds. Kept for a day. 404 for a token that is not revoked.',
        params,
        response: { 200: RevocationSchema, ...notMine },
      },
    },
    async (request) => revocationOf(store, request.owner.userId, request.params.id),
  )
}
