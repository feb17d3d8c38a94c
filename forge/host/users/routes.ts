import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { ChangePasswordSchema } from '../../contract/account.ts'
import { ApiErrorSchema, IdSchema, PageQuerySchema } from '../../contract/common.ts'
import { CreateUserSchema, OwnUserSchema, UpdateUserSchema, UserPageSchema, UserSchema } from '../../contract/host.ts'
import { conflict, notFound, refusals } from '../refusals.ts'
import type { AttemptLimit } from '../sessions/attempt-limit.ts'
import { requireAdmin } from '../sessions/person.ts'
import type { HostStore } from '../store.ts'
import { changePassword } from './change-password.ts'
import type { Passwords } from './passwords.ts'
import { createUser, deleteUser, getOwnUser, getUser, listUsers, updateUser } from './users.ts'

export interface UserRoutesOptions {
  store: HostStore
  passwords: Passwords
  attempts: AttemptLimit
}

const security = [{ session: [] }]
const UserParams = Type.Object({ id: IdSchema })

/** The signed-in person themselves. */
export const ownUserRoutes: FastifyPluginAsyncTypebox<UserRoutesOptions> = async (app, { store, ...guards }) => {
  const tags = ['Account']

  app.get(
    '/',
    { schema: { tags, security, summary: 'Who is signed in', response: { 200: OwnUserSchema, ...refusals } } },
    async (request) => getOwnUser(store, request.person),
  )

  app.put(
    '/password',
    {
      schema: {
        tags,
        security,
        summary: 'Change my password',
        description: 'Ends all other sessions of this person. Wrong current passwords count as failed sign-ins.',
        body: ChangePasswordSchema,
        response: { 204: Type.Null(), ...refusals, 429: ApiErrorSchema, 503: ApiErrorSchema },
      },
    },
    async (request, reply) => {
      await changePassword(store, guards, request.person, { ...request.body, address: request.ip })
      return reply.code(204).send(null)
    },
  )
}

/** Everybody's accounts, for administrators. */
export const userRoutes: FastifyPluginAsyncTypebox<UserRoutesOptions> = async (app, { store, passwords }) => {
  const tags = ['Users']
  app.addHook('onRequest', requireAdmin)

  app.get(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'List users',
        querystring: PageQuerySchema,
        response: { 200: UserPageSchema, ...refusals },
      },
    },
    async (request) => listUsers(store, request.query),
  )

  app.post(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'Add a user',
        body: CreateUserSchema,
        response: { 201: UserSchema, ...refusals, 409: ApiErrorSchema, 503: ApiErrorSchema },
      },
    },
    async (request, reply) => reply.code(201).send(await createUser(store, passwords, request.body)),
  )

  app.get(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Show a user',
        params: UserParams,
        response: { 200: UserSchema, ...notFound },
      },
    },
    async (request) => getUser(store, request.params.id),
  )

  app.patch(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Change or suspend a user',
        description: 'Suspending ends their sessions and makes their tokens refuse, at once.',
        params: UserParams,
        body: UpdateUserSchema,
        response: { 200: UserSchema, ...conflict },
      },
    },
    async (request) => updateUser(store, request.params.id, request.body),
  )

  app.delete(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Remove a user',
        description: 'With their sessions and memberships; their tokens refuse from then on.',
        params: UserParams,
        response: { 204: Type.Null(), ...conflict },
      },
    },
    async (request, reply) => {
      await deleteUser(store, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
