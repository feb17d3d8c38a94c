import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { servePeople } from '../access/session.ts'
import { personBehind } from '../audit/actor.ts'
import { ApiErrorSchema, IdSchema } from '../contract/common.ts'
import { InstanceToolsSchema, TOOL_RULES_LIMIT_BYTES, ToolRulesSchema } from '../contract/tool-registry.ts'
import { etagOf } from './etag.ts'
import { listInstanceTools } from './instance-tools.ts'
import { saveRules } from './save-rules.ts'
import type { ToolStore } from './store.ts'

const common = { tags: ['Tools'], security: [{ session: [] }], params: Type.Object({ id: IdSchema }) }
const refusals = { 400: ApiErrorSchema, 401: ApiErrorSchema, 403: ApiErrorSchema, 404: ApiErrorSchema }

/** What people see and say of the tools of an instance. Browser session only. */
export const toolRuleRoutes: FastifyPluginAsyncTypebox<{ store: ToolStore }> = async (app, { store }) => {
  servePeople(app, store.directory)

  app.get(
    '/instances/:id/tools',
    {
      schema: {
        ...common,
        summary: 'List the MCP tools of an instance',
        description:
          'For everybody who is at least viewer there: what the instance reported, what each tool asks of its caller, ' +
          'and what the owners say of it. Tools that are gone stay in the list for 90 days.',
        response: { 200: InstanceToolsSchema, ...refusals },
      },
    },
    async (request) => listInstanceTools(store, request.owner.userId, request.params.id),
  )

  app.put(
    '/instances/:id/tool-rules',
    {
      bodyLimit: TOOL_RULES_LIMIT_BYTES,
      schema: {
        ...common,
        summary: 'Say who may call which tools of an instance',
        description:
          'For owners. All rules at once; what is left out ends, and a rule that says nothing is dropped. They hold ' +
          'from the next call. With `If-Match`, only if nobody has changed them since.',
        headers: Type.Object({
          'if-match': Type.Optional(Type.String({ description: '`rulesVersion` of the list, in quotes.' })),
        }),
        body: ToolRulesSchema,
        response: { 200: ToolRulesSchema, ...refusals, 412: ApiErrorSchema, 413: ApiErrorSchema },
      },
    },
    async (request, reply) => {
      const input = { instanceId: request.params.id, ifMatch: request.headers['if-match'], rules: request.body.rules }
      const { rules, version } = await saveRules(store, personBehind(request), input)
      return reply.header('etag', etagOf(version)).send({ rules })
    },
  )
}
