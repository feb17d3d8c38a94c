import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { servePeople } from '../access/session.ts'
import type { TokenStore } from '../tokens/store.ts'
import { approvalRoutes } from './approval-routes.ts'
import { inventoryRoutes } from './inventory-routes.ts'
import { policyRoutes } from './policy-routes.ts'

/** What the owners of a team see and do about tokens that reach it. Browser session only; nobody else finds anything. */
export const oversightRoutes: FastifyPluginAsyncTypebox<{ store: TokenStore }> = async (app, options) => {
  servePeople(app, options.store.directory)

  await app.register(policyRoutes, options)
  await app.register(inventoryRoutes, options)
  await app.register(approvalRoutes, options)
}
