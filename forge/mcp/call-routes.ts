import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'

import { servePeople } from '../access/session.ts'
import { EXPORT_TYPES, exportRows } from '../audit/export.ts'
import { ApiErrorSchema, IdSchema } from '../contract/common.ts'
import {
  ToolCallDaysQuerySchema,
  ToolCallDaysSchema,
  ToolCallPageSchema,
  ToolCallQuerySchema,
  type ToolCall,
  type ToolCallQuery,
} from '../contract/tool-calls.ts'
import { countByDay } from './call-days.ts'
import { ownCalls, ownTokenCalls, teamCalls, type CallFilter, type CallLog, type CallView } from './call-view.ts'
import { listCalls, readWholeCalls } from './calls.ts'

const refusals = { 400: ApiErrorSchema, 401: ApiErrorSchema, 403: ApiErrorSchema }
const common = { tags: ['Tools'], security: [{ session: [] }] }
const list = {
  ...common,
  querystring: ToolCallQuerySchema,
  response: {
    200: {
      description: 'One page; with `format`, everything that matches.',
      content: {
        'application/json': { schema: ToolCallPageSchema },
        'text/csv': { schema: Type.String() },
        'application/jsonl': { schema: Type.String() },
      },
    },
    ...refusals,
  },
}
const days = {
  ...common,
  description: 'The last 30 days (UTC), those without a call included.',
  querystring: ToolCallDaysQuerySchema,
  response: { 200: ToolCallDaysSchema, ...refusals },
}
const params = Type.Object({ id: IdSchema })
const withId = { params }
const notFound = { 404: ApiErrorSchema }

/** Who called which tool, for the people concerned: those who called, and the owners of a team. Browser session only. */
export const callRoutes: FastifyPluginAsyncTypebox<{ log: CallLog }> = async (app, { log }) => {
  servePeople(app, log.directory)

  app.get(
    '/calls',
    { schema: { ...list, summary: 'List the calls with my tokens', description: 'Newest first.' } },
    async ({ owner, query }, reply) => send(log, ownCalls(owner.userId, filterOf(query)), query, reply),
  )
  app.get('/calls/days', { schema: { ...days, summary: 'Count the calls with my tokens by day' } }, async (request) =>
    countByDay(log, ownCalls(request.owner.userId, request.query)),
  )

  app.get(
    '/tokens/:id/calls',
    {
      schema: {
        ...list,
        ...withId,
        summary: 'List the calls with one of my tokens',
        description: 'Newest first. Stays readable when the token itself is gone.',
        response: { ...list.response, ...notFound },
      },
    },
    async ({ owner, params: { id }, query }, reply) =>
      send(log, await ownTokenCalls(log, owner.userId, { tokenId: id, filter: filterOf(query) }), query, reply),
  )
  app.get(
    '/tokens/:id/calls/days',
    {
      schema: {
        ...days,
        ...withId,
        summary: 'Count the calls with one of my tokens by day',
        response: { ...days.response, ...notFound },
      },
    },
    async ({ owner, params: { id }, query }) =>
      countByDay(log, await ownTokenCalls(log, owner.userId, { tokenId: id, filter: query })),
  )

  app.get(
    '/teams/:id/calls',
    {
      schema: {
        ...list,
        ...withId,
        summary: 'List the calls at the instances of a team',
        description: 'For its owners; newest first.',
        response: { ...list.response, ...notFound },
      },
    },
    async ({ owner, params: { id }, query }, reply) =>
      send(log, await teamCalls(log, owner.userId, { teamId: id, filter: filterOf(query) }), query, reply),
  )
  app.get(
    '/teams/:id/calls/days',
    {
      schema: {
        ...days,
        ...withId,
        summary: 'Count the calls at the instances of a team by day',
        response: { ...days.response, ...notFound },
      },
    },
    async ({ owner, params: { id }, query }) =>
      countByDay(log, await teamCalls(log, owner.userId, { teamId: id, filter: query })),
  )
}

function filterOf({ cursor: _cursor, limit: _limit, format: _format, ...filter }: ToolCallQuery): CallFilter {
  return filter
}

async function send(log: CallLog, view: CallView, query: ToolCallQuery, reply: FastifyReply): Promise<FastifyReply> {
  const { format } = query
  if (!format) return reply.send(await listCalls(log, view, query))

  return reply
    .type(EXPORT_TYPES[format])
    .header('content-disposition', `attachment; filename="tool-calls.${format}"`)
    .send(exportRows(readWholeCalls(log, view), format, COLUMNS))
}

const COLUMNS: Record<string, (call: ToolCall) => string | null> = {
  id: (call) => call.id,
  at: (call) => call.at,
  userId: (call) => call.user.id,
  username: (call) => call.user.username,
  tokenId: (call) => call.token.id,
  tokenName: (call) => call.token.name,
  instanceId: (call) => call.instance.id,
  instanceName: (call) => call.instance.name,
  server: (call) => call.server,
  tool: (call) => call.tool,
  outcome: (call) => call.outcome,
  reason: (call) => call.reason,
  durationMs: (call) => String(call.durationMs),
  client: (call) => call.client,
  address: (call) => call.address,
  requestId: (call) => call.requestId,
  arguments: (call) => call.arguments && JSON.stringify(call.arguments),
}
