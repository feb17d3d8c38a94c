import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiErrorSchema, IdSchema } from '../../../contract/common.ts'
import { LdapCheckSchema, LdapLoginSchema, LdapTrialSchema, type LdapLogin } from '../../../contract/ldap.ts'
import { FoundProviderSchema, ProviderSchema } from '../../../contract/sso.ts'
import { conflict } from '../../refusals.ts'
import { requireAdmin } from '../../sessions/person.ts'
import { findProviderOf } from '../find-provider.ts'
import { findPasswordProvider } from '../providers.ts'
import { SsoRefusal } from '../refusal.ts'
import { checkMayGo, letIn, originOf } from '../way.ts'
import { checkNow } from './checks.ts'
import type { Ldap } from './ldap.ts'
import { provePassword, refusalFor } from './sign-in.ts'
import { tryDirectory } from './try-directory.ts'

const ProviderParams = Type.Object({ id: IdSchema })
const tags = ['Single sign-on']

/** As for passwords of the forge: beside it, attempts are limited for one user name and for one entry. */
const rateLimit = { max: 30, timeWindow: '1 minute' }

/** Signing in with a password of a directory. Below `/account/sso`. */
export const ldapRoutes: FastifyPluginAsyncTypebox<{ ldap: Ldap }> = async (app, { ldap }) => {
  app.get(
    '/:id',
    {
      schema: {
        tags,
        security: [],
        summary: 'Show the identity provider that a password is typed for',
        params: ProviderParams,
        response: { 200: FoundProviderSchema, 400: ApiErrorSchema },
      },
    },
    async (request) => findPasswordProvider(ldap, request.params.id),
  )

  app.post(
    '/:id/password',
    {
      config: { rateLimit },
      schema: {
        tags,
        security: [],
        summary: 'Sign in with a password of an LDAP directory',
        description:
          'Sets the cookie `sid`, and always starts a new session. The password is shown to the directory and not kept.',
        params: ProviderParams,
        body: LdapLoginSchema,
        response: {
          204: Type.Null(),
          400: ApiErrorSchema,
          401: ApiErrorSchema,
          403: ApiErrorSchema,
          404: ApiErrorSchema,
          429: ApiErrorSchema,
          503: ApiErrorSchema,
        },
      },
    },
    async (request, reply) => {
      await signIn(ldap, request, reply, request.body)
      return reply.code(204).send(null)
    },
  )
}

/** What administrators ask of directories. Below `/api/v1/sso/providers`. */
export const directoryRoutes: FastifyPluginAsyncTypebox<{ ldap: Ldap }> = async (app, { ldap }) => {
  app.addHook('onRequest', requireAdmin)
  const common = { tags, security: [{ session: [] }], params: ProviderParams }
  const refused = { ...conflict, 503: ApiErrorSchema }

  app.post(
    '/:id/trial',
    {
      config: { rateLimit },
      schema: {
        ...common,
        summary: 'Try an LDAP provider with somebody',
        description: 'Looks them up as a sign-in would. Signs nobody in; `lastTest` says what would come of it.',
        body: LdapTrialSchema,
        response: { 200: ProviderSchema, ...refused },
      },
    },
    async (request) => tryDirectory(ldap, request.params.id, request.body),
  )

  app.post(
    '/:id/check',
    {
      config: { rateLimit },
      schema: {
        ...common,
        summary: 'Look now whether the people of an LDAP provider are still there',
        description: 'As the forge does by itself. Answers what it found, or why it changed nothing.',
        response: { 200: LdapCheckSchema, ...refused },
      },
    },
    async (request) => checkNow(ldap, request.params.id, originOf(request)),
  )
}

async function signIn(
  ldap: Ldap,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
  login: LdapLogin,
): Promise<void> {
  const provider = await findProviderOf(ldap.sessions.store, request.params.id, 'ldap')
  try {
    await checkMayGo(ldap, request, { provider, purpose: 'sign-in' })
    const proved = await provePassword(ldap, provider, { ...login, address: request.ip })
    await letIn(ldap, request, reply, { provider, answer: { proved, providerSid: null, logout: null } })
  } catch (error) {
    if (!(error instanceof SsoRefusal)) throw error
    request.log.warn({ provider: provider.name, problem: error.problem }, 'a sign-in was refused')
    throw refusalFor(error.problem, provider.name)
  }
}
