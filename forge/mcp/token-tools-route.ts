import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { servePeople } from '../access/session.ts'
import { ApiErrorSchema, IdSchema } from '../contract/common.ts'
import { TOKEN_TOOLS_LIMIT, TokenToolsSchema } from '../contract/tool-registry.ts'
import type { TokenStore } from '../tokens/store.ts'
import { listTokenTools } from '../tokens/token-tools.ts'

/** What a token can call, for its owner. Browser session only. */
export const tokenToolsRoute: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, { store }) => {
  servePeople(app, store.directory)

  app.get(
    '/tokens/:id/tools',
    {
      schema: {
        tags: ['Tools'],
        security: [{ session: [] }],
        summary: 'List the tools that one of my tokens can call, and those that it can not',
        description:
          `Where it reaches now, at most ${TOKEN_TOOLS_LIMIT}. Says which came or changed after the token was minted, and ` +
          'which it called in the last 30 days.',
        params: Type.Object({ id: IdSchema }),
        response: {
          200: TokenToolsSchema,
          400: ApiErrorSchema,
          401: ApiErrorSchema,
          403: ApiErrorSchema,
          404: ApiErrorSchema,
        },
      },
    },
    async (request) => listTokenTools(store, request.owner.userId, request.params.id),
  )
}
