import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'

import { servePeople } from '../access/session.ts'
import { AuditLogPageSchema, AuditLogQuerySchema } from '../contract/audit.ts'
import { ApiErrorSchema, IdSchema } from '../contract/common.ts'
import { EXPORT_TYPES, exportEntries } from './export.ts'
import {
  listLog,
  ownLogView,
  ownTokenLogView,
  readWholeLog,
  teamLogView,
  type AuditLogStore,
  type LogView,
} from './log.ts'

const Params = Type.Object({ id: IdSchema })

const schema = {
  tags: ['Audit'],
  security: [{ session: [] }],
  querystring: AuditLogQuerySchema,
  response: {
    200: {
      description: 'One page; with `format`, everything that matches.',
      content: {
        'application/json': { schema: AuditLogPageSchema },
        'text/csv': { schema: Type.String() },
        'application/jsonl': { schema: Type.String() },
      },
    },
    400: ApiErrorSchema,
    401: ApiErrorSchema,
    403: ApiErrorSchema,
  },
}
const withId = { ...schema, params: Params, response: { ...schema.response, 404: ApiErrorSchema } }

/** The audit for the people concerned: the owner of a token, and the owners of a team. Browser session only. */
export const auditRoutes: FastifyPluginAsyncTypebox<{ store: AuditLogStore }> = async (app, { store }) => {
  servePeople(app, store.directory)

  app.get(
    '/tokens/audit-log',
    {
      schema: {
        ...schema,
        summary: 'Read my audit log',
        description: 'What I did, and what happened to my tokens; newest first.',
      },
    },
    async (request, reply) => send(store, ownLogView(request.owner.userId, request.query), reply),
  )

  app.get(
    '/tokens/:id/audit-log',
    {
      schema: {
        ...withId,
        summary: 'Read the audit log of one of my tokens',
        description: 'Stays readable when the token itself is gone.',
      },
    },
    async ({ owner, params, query }, reply) =>
      send(store, await ownTokenLogView(store, owner.userId, params.id, query), reply),
  )

  app.get(
    '/teams/:id/audit-log',
    {
      schema: {
        ...withId,
        summary: "Read a team's audit log",
        description: 'For its owners: what concerns tokens that reach the team, and its rules for them.',
      },
    },
    async ({ owner, params, query }, reply) =>
      send(store, await teamLogView(store, owner.userId, params.id, query), reply),
  )
}

async function send({ models }: AuditLogStore, view: LogView, reply: FastifyReply): Promise<FastifyReply> {
  const { format } = view.query
  if (!format) return reply.send(await listLog(models, view))

  return reply
    .type(EXPORT_TYPES[format])
    .header('content-disposition', `attachment; filename="audit-log.${format}"`)
    .send(exportEntries(readWholeLog(models, view), format))
}
