import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Audit } from '../../audit/audit.ts'
import { LoginSchema, SetupSchema, SetupStateSchema, SignedOutSchema, type Setup } from '../../contract/account.ts'
import { ApiErrorSchema } from '../../contract/common.ts'
import { UserSchema, type User } from '../../contract/host.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import { createFirstAdmin, isSetupNeeded, type SetupCode } from '../users/first-admin.ts'
import type { Passwords } from '../users/passwords.ts'
import type { AttemptLimit } from './attempt-limit.ts'
import { sessionOf, type Sessions } from './person.ts'
import { noteReauthenticated } from './reauthenticated.ts'
import { endSession, startSession } from './sessions.ts'
import { checkLogin } from './sign-in.ts'

export interface AccountOptions {
  audit: Pick<Audit, 'write'>
  sessions: Sessions
  passwords: Passwords
  attempts: AttemptLimit
  setupCode: SetupCode
  /** Where the browser goes to sign out of the provider too, from what the session held about it. */
  logoutUrl(sealed: string | null): string | null
}

/** Passwords and set-up codes that one address may try. Beside it, `attempts` limits those for one user name. */
const rateLimit = { max: 30, timeWindow: '1 minute' }

const tags = ['Account']
const refused = { 400: ApiErrorSchema, 403: ApiErrorSchema, 429: ApiErrorSchema, 503: ApiErrorSchema }

/** What works without being signed in: setting the forge up, signing in and out. */
export const accountRoutes: FastifyPluginAsyncTypebox<AccountOptions> = async (app, options) => {
  const { sessions } = options
  const { store } = sessions

  app.get(
    '/setup',
    {
      schema: {
        tags,
        security: [],
        summary: 'Whether the forge still has to be set up',
        response: { 200: SetupStateSchema },
      },
    },
    async () => ({ needed: await isSetupNeeded(store) }),
  )

  app.post(
    '/setup',
    {
      config: { rateLimit },
      schema: {
        tags,
        security: [],
        summary: 'Create the first administrator',
        description: 'Works once, with the code of the link that the forge printed at its start. Signs them in.',
        body: SetupSchema,
        response: { 201: UserSchema, ...refused },
      },
    },
    async (request, reply) => {
      const user = await setUp(options, request.body)
      await signIn(options, request, reply, user)
      return reply.code(201).send(user)
    },
  )

  app.post(
    '/login',
    {
      config: { rateLimit },
      schema: {
        tags,
        security: [],
        summary: 'Sign in',
        description: 'By user name or e-mail address. Sets the cookie `sid`, and always starts a new session.',
        body: LoginSchema,
        response: { 200: UserSchema, 401: ApiErrorSchema, ...refused },
      },
    },
    async (request, reply) => {
      const user = await checkLogin(store, options, { ...request.body, address: request.ip })
      await signIn(options, request, reply, user)
      return user
    },
  )

  app.post(
    '/logout',
    {
      schema: {
        tags,
        security: [{ session: [] }, {}],
        summary: 'Sign out',
        description:
          'Ends the session. Signing out twice changes nothing. 200 names where the browser goes next, to sign out of ' +
          'the identity provider too.',
        response: { 200: SignedOutSchema, 204: Type.Null(), 403: ApiErrorSchema },
      },
    },
    async (request, reply) => {
      const next = options.logoutUrl(await signOut(sessions, request))
      sessions.cookie.clear(reply)
      return next === null ? reply.code(204).send(null) : reply.code(200).send({ next })
    },
  )
}

/** @throws {ForgeError} invalid_setup_code, in the same words whether it is wrong or was used */
async function setUp({ sessions, passwords, setupCode }: AccountOptions, { code, ...person }: Setup): Promise<User> {
  const user = setupCode.matches(code) ? await createFirstAdmin(sessions.store, passwords, person) : null
  if (user) return user

  throw new ForgeError(
    'invalid_setup_code',
    'This set-up link does not work, or no longer. Sign in, or start the forge again to get a new link.',
  )
}

/** The session before, if there was one, ends: what somebody planted in this browser must not become signed in. */
async function signIn(
  { sessions, audit }: AccountOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  user: User,
): Promise<void> {
  const before = await sessionOf(sessions, request)
  await signOut(sessions, request)
  const sid = await startSession(sessions.store, user.id, Date.now())
  await noteReauthenticated(sessions.store, audit, { before, sid, method: 'password' }, request)
  sessions.cookie.write(reply, sid)
}

async function signOut({ store, cookie }: Sessions, request: FastifyRequest): Promise<string | null> {
  const sid = cookie.read(request)
  return sid === null ? null : endSession(store, sid)
}
