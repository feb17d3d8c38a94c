import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { ScimErrorSchema, ScimListSchema, ScimResourceSchema } from '../../../contract/scim.ts'
import { ForgeError } from '../../../errors/forge-error.ts'
import { authenticate, type Scim } from './connection.ts'
import { describeAll, resourceTypes, schemas, serviceProviderConfig } from './discovery.ts'
import { scimGroupRoutes } from './group-routes.ts'
import { common } from './route-schemas.ts'
import { renderScimError, renderScimNotFound, SCIM_JSON } from './scim-error.ts'
import { scimUserRoutes } from './user-routes.ts'

/** A group of some thousand people; what is larger comes in several PATCHes. */
const BODY_LIMIT_BYTES = 512 * 1024

/** Entra alone sends 25 a second for a whole hour when it begins; a guess at a token gets no further by it. */
const perAddress = { max: 3_000, timeWindow: '1 minute' }

/** What identity providers tell of people and groups (RFC 7644). Below `/scim/v2`. */
export const scimRoutes: FastifyPluginAsyncTypebox<{ scim: Scim }> = async (app, { scim }) => {
  const address = `${scim.baseUrl}/scim/v2`
  app.setErrorHandler(renderScimError)
  app.setNotFoundHandler(renderScimNotFound)
  readJson(app)

  app.addHook('onRoute', (route) => {
    route.bodyLimit = BODY_LIMIT_BYTES
  })
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store').type(SCIM_JSON))
  app.addHook('onRequest', app.rateLimit(perAddress))
  // After the limit, so that guesses count, and before anything of a body is read.
  app.addHook('preParsing', async (request, _reply, payload) => {
    request.scimCaller = await authenticate(scim, request.headers.authorization)
    return payload
  })

  const list = { ...common, response: { 200: ScimListSchema, 401: ScimErrorSchema, 429: ScimErrorSchema } }
  const one = { ...common, params: Type.Object({ id: Type.String({ maxLength: 200 }) }) }
  const oneResponse = { 200: ScimResourceSchema, 401: ScimErrorSchema, 404: ScimErrorSchema, 429: ScimErrorSchema }
  app.get(
    '/ServiceProviderConfig',
    {
      schema: {
        ...common,
        summary: 'What this endpoint can do',
        response: { 200: ScimResourceSchema, 401: ScimErrorSchema },
      },
    },
    async () => serviceProviderConfig(address),
  )
  for (const [path, all] of [
    ['/ResourceTypes', resourceTypes(address)],
    ['/Schemas', schemas(address)],
  ] as const) {
    const summary = path === '/Schemas' ? 'What is kept of people and groups' : 'What there is'
    app.get(path, { schema: { ...list, summary } }, async () => describeAll(all))
    app.get(
      `${path}/:id`,
      { schema: { ...one, summary: `${summary}: one`, response: oneResponse } },
      async (request) => {
        const found = all.find(({ id }) => id === request.params.id)
        if (!found) throw new ForgeError('not_found', 'There is nothing at this address.')
        return found
      },
    )
  }

  await app.register(scimUserRoutes, { prefix: '/Users', scim })
  await app.register(scimGroupRoutes, { prefix: '/Groups', scim })
}

type App = Parameters<typeof scimRoutes>[0]

/** RFC 7644 section 3.1; plain JSON too, which many clients say instead. */
function readJson(app: App): void {
  app.removeAllContentTypeParsers()
  const types = [SCIM_JSON, 'application/json']
  app.addContentTypeParser(types, { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
}
