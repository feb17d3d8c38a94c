import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { Sequelize } from 'sequelize'

import { servePeople } from '../access/session.ts'
import { ApiErrorSchema, IdSchema } from '../contract/common.ts'
import { NoticePageSchema, NoticeQuerySchema } from '../contract/notice.ts'
import type { Directory } from '../directory/directory.ts'
import { defineNoticeModel } from './model.ts'
import { listNotices, markAllRead, markRead } from './notices.ts'

const tags = ['Notices']
const security = [{ session: [] }]
const refusals = { 401: ApiErrorSchema, 403: ApiErrorSchema }

/** What the caller was told. Browser session only, like everything about tokens. */
export const noticeRoutes: FastifyPluginAsyncTypebox<{ db: Sequelize; directory: Directory }> = async (
  app,
  { db, directory },
) => {
  const Notice = defineNoticeModel(db)
  servePeople(app, directory)

  app.get(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'List my notices',
        description: 'Unread first, then the newest first. Never a secret.',
        querystring: NoticeQuerySchema,
        response: { 200: NoticePageSchema, 400: ApiErrorSchema, ...refusals },
      },
    },
    async (request) => listNotices(Notice, request.owner.userId, request.query),
  )

  app.post(
    '/read',
    { schema: { tags, security, summary: 'Mark all my notices as read', response: { 204: Type.Null(), ...refusals } } },
    async (request, reply) => {
      await markAllRead(Notice, request.owner.userId)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/read',
    {
      schema: {
        tags,
        security,
        summary: 'Mark one of my notices as read',
        description: 'Marking it again changes nothing.',
        params: Type.Object({ id: IdSchema }),
        response: { 204: Type.Null(), 400: ApiErrorSchema, 404: ApiErrorSchema, ...refusals },
      },
    },
    async (request, reply) => {
      await markRead(Notice, request.owner.userId, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
