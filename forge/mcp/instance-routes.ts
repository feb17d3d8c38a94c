import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify'

import { ApiErrorSchema } from '../contract/common.ts'
import { SlipReportSchema } from '../contract/slips.ts'
import { CALL_REPORT_LIMIT_BYTES, CallReceiptSchema, CallReportSchema } from '../contract/tool-calls.ts'
import { TOOL_SET_LIMIT_BYTES, ToolRulesSchema, ToolSetSchema, type ToolSet } from '../contract/tool-registry.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'
import { requireInstance } from '../instances/authenticate.ts'
import type { Limits } from '../limits/limits.ts'
import { spendQuietly } from '../limits/spend.ts'
import { noteSlips } from '../tokens/slips.ts'
import { rulesOf } from '../tools/rules.ts'
import { etagOf, names } from './etag.ts'
import { reportCalls } from './report-calls.ts'
import { confirmTools, reportTools } from './report-tools.ts'
import type { CallStore, ToolStore } from './store.ts'

export interface InstanceToolOptions {
  store: ToolStore
  calls: CallStore
  limits: Limits
}

const common = { tags: ['Tools'], security: [{ instanceBearer: [] }, { instanceBasic: [] }] }
const refusals = { 400: ApiErrorSchema, 401: ApiErrorSchema, 429: ApiErrorSchema }

/** What an instance says of itself and asks, with its own credential. No id in the path: it can speak only for itself. */
export const instanceToolRoutes: FastifyPluginAsyncTypebox<InstanceToolOptions> = async (app, options) => {
  const { store, calls, limits } = options
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)
  app.addHook('onRequest', requireInstance({ directory: store.directory, limits }))
  app.addHook('onRequest', async (request, reply) => spendQuietly(limits.instance, reply, request.callerInstanceId))
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))

  app.put(
    '/tools',
    {
      bodyLimit: TOOL_SET_LIMIT_BYTES,
      validatorCompiler: allowingNoBody,
      onRequest: async (request, reply) => spendQuietly(limits.toolReport, reply, request.callerInstanceId),
      schema: {
        ...common,
        summary: 'Report the MCP tools of this instance',
        description:
          'With a body: all servers and tools, in the place of those reported before. Without a body and with ' +
          '`If-Match: "<hash>"`: they are still those of that hash; 412 means that the forge has others, or none, and ' +
          'wants the body.',
        headers: Type.Object({
          'if-match': Type.Optional(Type.String({ description: 'The hash of the set, in quotes; without a body.' })),
        }),
        body: ToolSetSchema,
        response: { 204: Type.Null(), ...refusals, 412: ApiErrorSchema, 413: ApiErrorSchema },
      },
    },
    async (request, reply) => {
      const hash = await takeTools(store, request)
      return reply.code(204).header('etag', etagOf(hash)).send(null)
    },
  )

  app.get(
    '/tool-rules',
    {
      schema: {
        ...common,
        summary: 'Read what the owners say of the tools of this instance',
        description: 'With `If-None-Match`, 304 while they are those that the instance has.',
        headers: Type.Object({
          'if-none-match': Type.Optional(Type.String({ description: '`ETag` of the answer before.' })),
        }),
        response: { 200: ToolRulesSchema, 304: Type.Null(), ...refusals },
      },
    },
    async (request, reply) => {
      const { rules, version } = await rulesOf(store.db, request.callerInstanceId)
      reply.header('etag', etagOf(version))

      const known = request.headers['if-none-match']
      return known !== undefined && names(known, version) ? reply.code(304).send(null) : reply.send({ rules })
    },
  )

  app.post(
    '/audit',
    {
      bodyLimit: CALL_REPORT_LIMIT_BYTES,
      schema: {
        ...common,
        summary: 'Report calls of tools',
        description:
          'Who called is found by `auditRef`, which introspection gave to this instance. A call that is reported again ' +
          'is a duplicate and counts once. All of a report is written, or nothing: repeat it after any failure. A time ' +
          'that can not be is replaced by that of the report.',
        body: CallReportSchema,
        response: { 200: CallReceiptSchema, ...refusals, 413: ApiErrorSchema },
      },
    },
    async ({ body, callerInstanceId: instanceId }) =>
      reportCalls(calls, { instanceId, calls: body.calls, now: Date.now() }),
  )

  app.post(
    '/slips',
    {
      onRequest: async (request, reply) => spendQuietly(limits.toolReport, reply, request.callerInstanceId),
      schema: {
        ...common,
        summary: 'Report what was presented in place of a token',
        description:
          'By kind alone, never the text, for the page of whoever waits for the first call of a token. The answer is ' +
          'always the same: it tells nothing about which tokens there are.',
        body: SlipReportSchema,
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async ({ body, callerInstanceId: instanceId }, reply) => {
      await noteSlips(store, { ...body, instanceId, now: new Date() })
      return reply.code(204).send(null)
    },
  )
}

type ToolsRequest = FastifyRequest<{ Body: ToolSet | null | undefined; Headers: { 'if-match'?: string } }>

/** @returns the hash of the set that is kept now @throws {ForgeError} invalid_request, precondition_failed */
async function takeTools(store: ToolStore, request: ToolsRequest): Promise<string> {
  const { body: set, callerInstanceId: instanceId } = request
  const ifMatch = request.headers['if-match']
  const now = new Date()
  if (set && ifMatch !== undefined) throw new ForgeError('invalid_request', 'Send either a body or If-Match.')

  if (set) {
    await reportTools(store, { instanceId, set, now })
    return set.hash
  }
  if (ifMatch === undefined) throw new ForgeError('invalid_request', 'Send the set of tools, or its hash in If-Match.')

  const hash = ifMatch.replaceAll('"', '')
  if (await confirmTools(store, { instanceId, hash, now })) return hash
  throw new ForgeError('precondition_failed', 'The forge has another set of tools. Send the whole of it.')
}

/** The strict validator, for a route whose body may be left out. */
const allowingNoBody: FastifySchemaCompiler<object> = (route) => {
  const check = strictValidator(route)
  if (route.httpPart !== 'body') return check

  const unlessLeftOut: typeof check = (body: unknown) => {
    if (body === null) return true
    const valid = check(body)
    Object.assign(unlessLeftOut, { errors: (check as { errors?: unknown }).errors })
    return valid
  }
  return unlessLeftOut
}
