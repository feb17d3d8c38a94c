import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { Sequelize } from 'sequelize'

import { ApiErrorSchema } from '../contract/common.ts'
import { requireAnswer } from '../host/require-answer.ts'
import type { FlowFuse } from './flowfuse.ts'

const ASK = 'SELECT 1 AS one'

const tags = ['Health']
const HealthSchema = Type.Object({ status: Type.Literal('ok') })
const CallerSchema = Type.Object({ address: Type.String(), protocol: Type.String() })

export interface SidecarHealthOptions {
  db: Sequelize
  flowfuse: FlowFuse
  flowfuseDb: Sequelize
}

export const sidecarHealthRoutes: FastifyPluginAsyncTypebox<SidecarHealthOptions> = async (app, options) => {
  app.get(
    '/live',
    { schema: { tags, security: [], summary: 'Whether the process answers', response: { 200: HealthSchema } } },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/caller',
    {
      schema: {
        tags,
        security: [],
        summary: 'From where this request seems to come',
        description:
          'What the proxy says of the caller, for forge-pat doctor. Tells callers nothing but their own address.',
        response: { 200: CallerSchema },
      },
    },
    async ({ ip, protocol }, reply) => {
      reply.header('cache-control', 'no-store')
      return { address: ip, protocol }
    },
  )

  app.get(
    '/ready',
    {
      schema: {
        tags,
        security: [],
        summary: 'Whether requests can be served',
        description: 'Asks our database, and FlowFuse and its database: without them nobody is known.',
        response: { 200: HealthSchema, 503: ApiErrorSchema },
      },
    },
    async ({ ip }) => {
      await requireAnswer(options.db, ASK, 'The database')
      await requireAnswer(options.flowfuseDb, ASK, 'The database of FlowFuse')
      await options.flowfuse.ask('/api/v1/user', {}, ip)
      return { status: 'ok' as const }
    },
  )
}
