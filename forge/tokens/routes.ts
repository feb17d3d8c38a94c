import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { servePeople } from '../access/session.ts'
import { endRoutes } from './end-routes.ts'
import { mintRoutes, type MintRoutesOptions } from './mint-routes.ts'
import { readRoutes } from './read-routes.ts'

/** The caller's own tokens. Browser session only: a token must never mint, list or revoke a token. */
export const tokenRoutes: FastifyPluginAsyncTypebox<MintRoutesOptions> = async (app, { store, limits }) => {
  servePeople(app, store.directory)

  await app.register(readRoutes, { store })
  await app.register(mintRoutes, { store, limits })
  await app.register(endRoutes, { store })
}
