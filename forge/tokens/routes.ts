import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { requireSession } from '../access/session.ts'
import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'
import { endRoutes } from './end-routes.ts'
import { mintRoutes, type MintRoutesOptions } from './mint-routes.ts'
import { readRoutes } from './read-routes.ts'

/** The caller's own tokens. Browser session only: a token must never mint, list or revoke a token. */
export const tokenRoutes: FastifyPluginAsyncTypebox<MintRoutesOptions> = async (app, { store, limits }) => {
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)
  app.addHook('onRequest', requireSession(store.directory))
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))

  await app.register(readRoutes, { store })
  await app.register(mintRoutes, { store, limits })
  await app.register(endRoutes, { store })
}
