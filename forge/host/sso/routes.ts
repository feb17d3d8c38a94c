import formbody from '@fastify/formbody'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiErrorSchema, IdSchema } from '../../contract/common.ts'
import { FindProviderSchema, FoundProviderSchema, type SsoProblem } from '../../contract/sso.ts'
import { sessionOf } from '../sessions/person.ts'
import { noteReauthenticated } from '../sessions/reauthenticated.ts'
import { endSession, startSession } from '../sessions/sessions.ts'
import { beginFlow, takeFlow, type Flow } from './flow.ts'
import type { ProviderRow } from './model.ts'
import { takeLogoutToken } from './oidc/backchannel-logout.ts'
import { authorizationUrl, readAnswer, type Answer } from './oidc/sign-in.ts'
import { findProvider, findProviderFor, noSuchProvider } from './providers.ts'
import { SsoRefusal } from './refusal.ts'
import { returnPath } from './return-path.ts'
import { signInThrough } from './sign-in.ts'
import { sealLogout } from './sign-out.ts'
import type { Sso } from './sso.ts'
import { recordTest } from './try-provider.ts'

const tags = ['Single sign-on']
const ProviderParams = Type.Object({ id: IdSchema })

/** A whole office comes from one address in the morning, and a provider from one all day. */
const perAddress = { rateLimit: { max: 600, timeWindow: '1 minute' } }

const StartQuery = Type.Object({
  return_to: Type.Optional(Type.String({ maxLength: 2_000 })),
  reauthenticate: Type.Optional(Type.Boolean()),
  test: Type.Optional(Type.Boolean()),
})

/** The way through an identity provider. Below `/account/sso`. */
export const ssoRoutes: FastifyPluginAsyncTypebox<{ sso: Sso }> = async (app, { sso }) => {
  app.post(
    '/find',
    {
      config: perAddress,
      schema: {
        tags,
        security: [],
        summary: 'Find the identity provider of an e-mail address',
        description: 'By its domain alone: the answer says nothing about who has an account.',
        body: FindProviderSchema,
        response: { 200: FoundProviderSchema, 400: ApiErrorSchema, 403: ApiErrorSchema, 429: ApiErrorSchema },
      },
    },
    async (request) => findProviderFor(sso, request.body.email),
  )

  // Two stations of a browser on its way, not calls of a program.
  app.get(
    '/:id/start',
    { config: perAddress, schema: { hide: true, params: ProviderParams, querystring: StartQuery } },
    async (request, reply) => start(sso, request, reply),
  )
  app.get(
    '/:id/callback',
    { config: perAddress, schema: { hide: true, params: ProviderParams } },
    async (request, reply) => finish(sso, request, reply),
  )

  await app.register(async (forms) => {
    await forms.register(formbody)
    forms.post(
      '/:id/backchannel-logout',
      {
        config: perAddress,
        schema: {
          tags,
          security: [],
          summary: 'End sessions at the word of the provider (OpenID Connect Back-Channel Logout)',
          consumes: ['application/x-www-form-urlencoded'],
          params: ProviderParams,
          body: Type.Object({
            logout_token: Type.String({ minLength: 1, maxLength: 16_000, examples: ['eyJhbGciOiJSUzI1NiJ9.eyJ…'] }),
          }),
          response: {
            200: Type.Null(),
            400: ApiErrorSchema,
            403: ApiErrorSchema,
            404: ApiErrorSchema,
            429: ApiErrorSchema,
            503: ApiErrorSchema,
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params as { id: string }
        const { logout_token: token } = request.body as { logout_token: string }
        const provider = await findProvider(sso.sessions.store, id)
        await takeLogoutToken(sso, provider, token, originOf(request))
        return reply.code(200).send(null)
      },
    )
  })
}

type StartRequest = FastifyRequest<{
  Params: { id: string }
  Querystring: { return_to?: string; reauthenticate?: boolean; test?: boolean }
}>

/** Sends the browser to the provider. */
async function start(sso: Sso, request: StartRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { return_to: returnTo, reauthenticate = false, test = false } = request.query
  const provider = await findProvider(sso.sessions.store, request.params.id)
  const purpose = test ? 'test' : 'sign-in'

  return orExplain(sso, request, reply, { provider, purpose }, async () => {
    await checkMayGo(sso, request, provider, purpose)
    const wish = {
      providerId: provider.id,
      purpose,
      returnTo: returnPath(sso.baseUrl, returnTo),
      reauthenticate,
    } as const
    const flow = beginFlow(sso, reply, wish)
    return (await authorizationUrl(sso, provider, flow)).href
  })
}

/** Takes the browser back from the provider. */
async function finish(
  sso: Sso,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const provider = await findProvider(sso.sessions.store, request.params.id)
  const query = new URLSearchParams(request.url.split('?')[1] ?? '')
  const flow = takeFlow(sso, request, reply, query.get('state') ?? '')
  const mine = flow?.providerId === provider.id ? flow : null
  const purpose = mine?.purpose ?? 'sign-in'

  return orExplain(sso, request, reply, { provider, purpose }, async () => {
    if (!mine) throw new SsoRefusal('expired')
    await checkMayGo(sso, request, provider, purpose)

    const answer = await readAnswer(sso, provider, mine, query)
    return purpose === 'test'
      ? await showTest(sso, provider, answer)
      : await letIn(sso, request, reply, { provider, answer, flow: mine })
  })
}

/** A provider is tried by administrators, whether it is enabled or not; everybody else needs it enabled. */
async function checkMayGo(
  sso: Sso,
  request: FastifyRequest,
  provider: ProviderRow,
  purpose: Flow['purpose'],
): Promise<void> {
  if (purpose === 'sign-in') {
    if (!provider.enabled) throw new SsoRefusal('disabled')
    return
  }
  const session = await sessionOf(sso.sessions, request)
  if (!session?.admin) throw noSuchProvider()
}

async function letIn(
  sso: Sso,
  request: FastifyRequest,
  reply: FastifyReply,
  { provider, answer, flow }: { provider: ProviderRow; answer: Answer; flow: Flow },
): Promise<string> {
  const { store, cookie } = sso.sessions
  const userId = await signInThrough(sso, provider, answer.proved, originOf(request))

  // The session before, if there was one, ends: what somebody planted in this browser must not become signed in.
  const before = await sessionOf(sso.sessions, request)
  const cookieBefore = cookie.read(request)
  if (cookieBefore !== null) await endSession(store, cookieBefore)
  const { authTime } = answer.proved
  const through = {
    providerId: provider.id,
    authenticatedAt: authTime === null ? null : new Date(authTime),
    providerSid: answer.providerSid,
    sealedLogout: answer.logout && sealLogout(sso, answer.logout),
  }
  const sid = await startSession(store, userId, Date.now(), through)
  await noteReauthenticated(store, sso.audit, { before, sid, method: 'sso' }, request)
  cookie.write(reply, sid)
  return sso.baseUrl + flow.returnTo
}

const testPage = ({ baseUrl }: Sso, { id }: ProviderRow) => `${baseUrl}/single-sign-on/${id}`

async function showTest(sso: Sso, provider: ProviderRow, answer: Answer): Promise<string> {
  await recordTest(sso, provider, answer)
  return testPage(sso, provider)
}

/** Redirects where the work says; a refusal leads to the page that has the words for it. */
async function orExplain(
  sso: Sso,
  request: FastifyRequest,
  reply: FastifyReply,
  { provider, purpose }: { provider: ProviderRow; purpose: Flow['purpose'] },
  work: () => Promise<string>,
): Promise<FastifyReply> {
  try {
    return await reply.redirect(await work(), 303)
  } catch (error) {
    if (!(error instanceof SsoRefusal)) throw error
    request.log.warn({ provider: provider.name, problem: error.problem, err: error.cause }, 'a sign-in was refused')
    if (purpose === 'test') {
      await recordTest(sso, provider, { error: error.problem })
      return reply.redirect(testPage(sso, provider), 303)
    }
    return reply.redirect(explanation(sso, provider, error.problem), 303)
  }
}

function explanation({ baseUrl }: Sso, { name }: ProviderRow, problem: SsoProblem): string {
  return `${baseUrl}/login?${new URLSearchParams({ problem, provider: name }).toString()}`
}

function originOf({ id, ip }: FastifyRequest) {
  return { requestId: id, address: ip }
}
