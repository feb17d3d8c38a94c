import formbody from '@fastify/formbody'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { ForgeError } from '../errors/forge-error.ts'
import { renderOAuthError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'

export type OAuthScope = Parameters<FastifyPluginAsyncTypebox>[0]

/** Makes a scope speak as RFC 6749 wants it: form bodies in, `{ error, error_description }` out, nothing ever stored. */
export async function speakOAuth(app: OAuthScope): Promise<void> {
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderOAuthError)
  app.removeAllContentTypeParsers()
  await app.register(formbody)
  app.addHook('preValidation', (request, _reply, done) => {
    request.body = tidyForm(request.body)
    done()
  })
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store').header('pragma', 'no-cache')
    done()
  })
}

type Form = Record<string, string | string[]>

/**
 * A form body as a flat object. A parameter without a value counts as left out (RFC 6749 section 3.1); one that is
 * there twice becomes a list, which only the schemas of `resource` and `audience` let pass.
 */
function tidyForm(body: unknown): unknown {
  const form = body as Form | undefined // as the one parser here makes it, without a prototype
  for (const name in form) {
    const value = form[name] ?? ''
    if (typeof value === 'string' && value !== '') continue

    const values = [value].flat().filter((each) => each !== '')
    const [first] = values
    if (first === undefined) delete form[name]
    else form[name] = values.length === 1 ? first : values
  }
  return form
}

/** Refuses everything but POST at an endpoint: what is in an address ends up in logs (RFC 7662 section 4). */
export function onlyPost(app: OAuthScope, url: string): void {
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url,
    schema: { hide: true },
    handler: async (_request, reply) => {
      reply.header('allow', 'POST')
      throw new ForgeError('method_not_allowed', 'This takes POST alone, with everything in a form body.')
    },
  })
}
