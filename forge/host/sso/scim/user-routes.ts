import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Scim } from './connection.ts'
import { project, wants, type Wish } from './projection.ts'
import { aimOf, answer, askingOf } from './requests.ts'
import { createSchema, deleteSchema, listSchema, patchSchema, readSchema, replaceSchema } from './route-schemas.ts'
import { createScimUser, deleteScimUser, getScimUser, listScimUsers, patchScimUser, replaceScimUser } from './users.ts'

/** People. Below `/scim/v2/Users`. */
export const scimUserRoutes: FastifyPluginAsyncTypebox<{ scim: Scim }> = async (app, { scim }) => {
  const show = async (request: FastifyRequest, reply: FastifyReply, id: string) => {
    const withGroups = wants(request.query as Wish, 'groups')
    return answer(request, reply, await getScimUser(scim, request.scimCaller, id, withGroups))
  }

  app.get('/', { schema: { ...listSchema, summary: 'List or find people' } }, async (request) => {
    const list = await listScimUsers(scim, request.scimCaller, request.query, wants(request.query, 'groups'))
    return { ...list, Resources: list.Resources.map((each) => project(each, request.query)) }
  })

  app.post('/', { schema: { ...createSchema, summary: 'Tell of a person' } }, async (request, reply) => {
    const id = await createScimUser(scim, askingOf(request), request.body)
    return show(request, reply.code(201), id)
  })

  app.get('/:id', { schema: { ...readSchema, summary: 'Show a person' } }, async (request, reply) =>
    show(request, reply, request.params.id),
  )

  app.put('/:id', { schema: { ...replaceSchema, summary: 'Describe a person anew' } }, async (request, reply) => {
    await replaceScimUser(scim, askingOf(request), aimOf(request), request.body)
    return show(request, reply, request.params.id)
  })

  app.patch(
    '/:id',
    {
      schema: {
        ...patchSchema,
        summary: 'Change a person',
        description: '`active: false` suspends the account: its sessions end, and its tokens refuse, at once.',
      },
    },
    async (request, reply) => {
      await patchScimUser(scim, askingOf(request), aimOf(request), request.body)
      return show(request, reply, request.params.id)
    },
  )

  app.delete(
    '/:id',
    {
      schema: { ...deleteSchema, summary: 'Forget a person', description: 'Their account is suspended, not removed.' },
    },
    async (request, reply) => {
      await deleteScimUser(scim, askingOf(request), aimOf(request))
      return reply.code(204).send(null)
    },
  )
}
