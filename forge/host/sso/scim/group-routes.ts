import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Scim } from './connection.ts'
import {
  createScimGroup,
  deleteScimGroup,
  getScimGroup,
  listScimGroups,
  patchScimGroup,
  replaceScimGroup,
} from './groups.ts'
import { project, wants, type Wish } from './projection.ts'
import { aimOf, answer, askingOf } from './requests.ts'
import { etagOf } from './resources.ts'
import { createSchema, deleteSchema, listSchema, patchSchema, readSchema, replaceSchema } from './route-schemas.ts'

/** Groups. Below `/scim/v2/Groups`. */
export const scimGroupRoutes: FastifyPluginAsyncTypebox<{ scim: Scim }> = async (app, { scim }) => {
  const show = async (request: FastifyRequest, reply: FastifyReply, id: string) => {
    const withMembers = wants(request.query as Wish, 'members')
    return answer(request, reply, await getScimGroup(scim, request.scimCaller, id, withMembers))
  }

  app.get('/', { schema: { ...listSchema, summary: 'List or find groups' } }, async (request) => {
    const list = await listScimGroups(scim, request.scimCaller, request.query, wants(request.query, 'members'))
    return { ...list, Resources: list.Resources.map((each) => project(each, request.query)) }
  })

  app.post(
    '/',
    {
      schema: {
        ...createSchema,
        summary: 'Tell of a group',
        description: 'From the first one on, the groups of the people of this provider are what SCIM says.',
      },
    },
    async (request, reply) => {
      const id = await createScimGroup(scim, askingOf(request), request.body)
      return show(request, reply.code(201), id)
    },
  )

  app.get('/:id', { schema: { ...readSchema, summary: 'Show a group' } }, async (request, reply) =>
    show(request, reply, request.params.id),
  )

  app.put('/:id', { schema: { ...replaceSchema, summary: 'Describe a group anew' } }, async (request, reply) => {
    await replaceScimGroup(scim, askingOf(request), aimOf(request), request.body)
    return show(request, reply, request.params.id)
  })

  app.patch(
    '/:id',
    {
      schema: {
        ...patchSchema,
        summary: 'Change a group',
        description:
          'The memberships of the people concerned follow at once. Answers 204 unless attributes are asked for.',
      },
    },
    async (request, reply) => {
      await patchScimGroup(scim, askingOf(request), aimOf(request), request.body)
      if (request.query.attributes !== undefined) return show(request, reply, request.params.id)
      const { row } = await getScimGroup(scim, request.scimCaller, request.params.id, false)
      return reply.code(204).header('etag', etagOf(row)).send(null)
    },
  )

  app.delete('/:id', { schema: { ...deleteSchema, summary: 'Forget a group' } }, async (request, reply) => {
    await deleteScimGroup(scim, askingOf(request), aimOf(request))
    return reply.code(204).send(null)
  })
}
