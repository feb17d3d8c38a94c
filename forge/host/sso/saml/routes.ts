import formbody from '@fastify/formbody'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiErrorSchema, IdSchema } from '../../../contract/common.ts'
import { takeFlow } from '../flow.ts'
import type { ProviderRow } from '../model.ts'
import { findProviderOf } from '../find-provider.ts'
import { SsoRefusal } from '../refusal.ts'
import type { Sso } from '../sso.ts'
import { arrive, checkMayGo, orExplain, perAddress } from '../way.ts'
import { samlAddresses } from './addresses.ts'
import { POST_AGAIN_POLICY, postAgainPage, type PostedForm } from './post-again.ts'
import { metadataXml } from './request.ts'
import { readSamlAnswer } from './sign-in.ts'
import { MAX_XML_BYTES } from './xml.ts'

const ProviderParams = Type.Object({ id: IdSchema })

/** Base64 is a third longer; a form writes three characters for some of its. */
const MAX_BASE64 = Math.ceil(MAX_XML_BYTES / 3) * 4 + 10_000
const BODY_LIMIT_BYTES = 512 * 1024

const Form = Type.Object({
  SAMLResponse: Type.String({ minLength: 1, maxLength: MAX_BASE64, pattern: '^[A-Za-z0-9+/=\\r\\n]*$' }),
  // What a provider sends by itself has none, or one of its own.
  RelayState: Type.String({ default: '', maxLength: 1_000 }),
  /** Our own page has sent it, so that it isn't shown twice. */
  again: Type.Optional(Type.Literal('1')),
})

/**
 * Where browsers come back to from SAML providers, and what those read. Below `/account/sso`, and open to other sites:
 * a form of the provider's is posted here, and counts for the browser alone that holds the cookie of the way it answers.
 */
export const samlRoutes: FastifyPluginAsyncTypebox<{ sso: Sso }> = async (app, { sso }) => {
  app.get(
    '/:id/metadata',
    {
      config: perAddress,
      schema: {
        tags: ['Single sign-on'],
        security: [],
        summary: 'Read what a SAML provider has to know of this forge (SAML 2.0 Metadata)',
        params: ProviderParams,
        produces: ['application/samlmetadata+xml'],
        response: { 200: Type.String(), 404: ApiErrorSchema, 429: ApiErrorSchema },
      },
    },
    async (request, reply) => {
      const provider = await findProviderOf(sso.sessions.store, request.params.id, 'saml')
      return reply.type('application/samlmetadata+xml').send(metadataXml(samlAddresses(sso, provider)))
    },
  )

  await app.register(async (forms) => {
    forms.removeContentTypeParser('application/json')
    await forms.register(formbody, { bodyLimit: BODY_LIMIT_BYTES })
    forms.post(
      '/:id/acs',
      {
        bodyLimit: BODY_LIMIT_BYTES,
        config: perAddress,
        schema: { hide: true, params: ProviderParams, body: Form },
      },
      async (request, reply) => finish(sso, request as AcsRequest, reply),
    )
  })
}

type AcsRequest = FastifyRequest<{ Params: { id: string }; Body: PostedForm & { again?: '1' } }>

/** Takes the browser back from the provider. */
async function finish(sso: Sso, request: AcsRequest, reply: FastifyReply): Promise<FastifyReply> {
  const provider = await findProviderOf(sso.sessions.store, request.params.id, 'saml')
  const { SAMLResponse, RelayState, again } = request.body
  const flow = takeFlow(sso, request, reply, RelayState)
  const mine = flow?.providerId === provider.id ? flow : null
  if (!mine && !again && RelayState !== '') return askAgain(sso, provider, request.body, reply)

  const way = { provider, purpose: mine?.purpose ?? 'sign-in' }
  return orExplain(sso, request, reply, way, async () => {
    if (!mine) throw new SsoRefusal('expired')
    await checkMayGo(sso, request, way)
    const answer = await readSamlAnswer(sso, provider, mine, SAMLResponse)
    return arrive(sso, request, reply, { provider, answer, flow: mine })
  })
}

function askAgain(sso: Sso, provider: ProviderRow, form: PostedForm, reply: FastifyReply): FastifyReply {
  const { pathname } = new URL(samlAddresses(sso, provider).acs)
  return reply
    .header('content-security-policy', POST_AGAIN_POLICY)
    .type('text/html; charset=utf-8')
    .send(postAgainPage(pathname, form))
}
