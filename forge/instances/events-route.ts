import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiErrorSchema } from '../contract/common.ts'
import { ConfirmationSchema, PREFER_CONFIRM } from '../contract/revocation.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'
import { spendQuietly } from '../limits/spend.ts'
import { requireInstance, type CallerCheck } from './authenticate.ts'
import { confirm } from './confirmations.ts'
import { readInstanceCredential } from './credential.ts'
import type { Listener, Place, Push } from './push.ts'
import type { Roster } from './roster.ts'
import { openStream, type EventStream } from './stream.ts'
import { hearsChanges, tellInstances, type Sources } from './tell-instances.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route whose answer stays open for hours: how long it took says nothing. */
    endless?: boolean
  }
}

export interface InstanceEventsOptions extends Sources, CallerCheck {
  push: Push
  roster: Roster
  /** Is told how long after a revocation an instance confirmed it, in seconds. */
  onConfirmed: (seconds: number) => void
}

/** What an instance hears of changes while it listens, with its own credential. */
export const instanceEventsRoute: FastifyPluginAsyncTypebox<InstanceEventsOptions> = async (app, options) => {
  const { db, push, roster, limits } = options
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)
  const stop = tellInstances(push, options)
  // Before the server waits for what is under way: a stream would never end by itself.
  app.addHook('preClose', async () => push.close())
  app.addHook('onClose', async () => {
    stop()
    await roster.close()
  })

  app.addHook('onRequest', requireInstance(options))

  app.get(
    '/events',
    {
      exposeHeadRoute: false,
      config: { endless: true },
      onRequest: async ({ callerInstanceId }, reply) => spendQuietly(limits.instanceEvents, reply, callerInstanceId),
      schema: {
        tags: ['Instance'],
        security: [{ instanceBearer: [] }, { instanceBasic: [] }],
        summary: 'Hear what is to be forgotten (server-sent events)',
        description:
          'Events `hello`, `forget`, `rules` and `bye`, with comments in between as heartbeats. `hello` comes first and ' +
          'says in `heartbeatSeconds` how often those come, and in `resumed` whether nothing was missed since ' +
          '`Last-Event-ID`; otherwise everything that is held has to be forgotten. `forget` names a `tokenId`, or all. ' +
          'An instance that sends `Prefer: confirm` is given a `listenerId` in `hello`, and asked by `confirm` in ' +
          '`forget` to say when it has dropped a token that was revoked, or that an owner has ended there.',
        response: {
          200: { content: { 'text/event-stream': { schema: Type.String() } } },
          401: ApiErrorSchema,
          429: ApiErrorSchema,
          503: ApiErrorSchema,
        },
      },
    },
    async (request, reply) => listen(options, request, reply),
  )

  app.post(
    '/events/confirmations',
    {
      config: { changesNothing: true },
      onRequest: async ({ callerInstanceId }, reply) => spendQuietly(limits.confirmations, reply, callerInstanceId),
      schema: {
        tags: ['Instance'],
        security: [{ instanceBearer: [] }, { instanceBasic: [] }],
        summary: 'Confirm that revoked tokens are forgotten',
        description:
          'What the owner of a token, or of a team that ended it, is shown: "confirmed by 7 of 7 instances". To any forge on ' +
          'the same database. The ' +
          'answer is always the same; what nobody asked for changes nothing.',
        body: ConfirmationSchema,
        response: { 204: Type.Null(), 400: ApiErrorSchema, 401: ApiErrorSchema, 429: ApiErrorSchema },
      },
    },
    async ({ body, callerInstanceId }, reply) => {
      const instance = await options.directory.instance(callerInstanceId)
      const about = instance && { instanceId: instance.id, teamId: instance.team.id, now: new Date() }
      const waits = about ? await confirm(db, { ...body, ...about }) : []
      waits.forEach((seconds) => options.onConfirmed(seconds))
      return reply.code(204).send(null)
    },
  )
}

/** @throws {ForgeError} unavailable while this forge does not hear of changes itself; invalid_client */
async function listen(options: InstanceEventsOptions, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const place = await placeOf(options, request)
  if (!place) throw new ForgeError('invalid_client', 'This needs the credential of an instance.')
  if (!hearsChanges(options)) {
    throw new ForgeError('unavailable', 'This forge does not hear of changes now.', { retryAfterSeconds: 5 })
  }

  const confirms = prefersToConfirm(request)
  const listenerId = await options.roster.join({ instanceId: place.instanceId, confirms })
  reply.hijack()
  const lastEventId = [request.headers['last-event-id']].flat()[0]
  const stream: EventStream = openStream(reply.raw, reply.getHeaders(), () => {
    options.push.remove(listener)
    if (listenerId !== null) options.roster.leave(listenerId)
  })
  const check = () => placeOf(options, request)
  const listener: Listener = { place, stream, check, ...(confirms && listenerId !== null ? { listenerId } : {}) }
  options.push.add(listener, lastEventId)
  // Its credential may have been replaced, or itself moved, while nobody looked.
  await options.push.recheck([{ type: 'instance', id: place.instanceId }])
}

/** RFC 7240: several preferences, each with parameters perhaps. */
function prefersToConfirm({ headers }: FastifyRequest): boolean {
  const preferences = [headers.prefer].flat().join().split(',')
  return preferences.some((each) => each.split(';')[0]?.trim().toLowerCase() === PREFER_CONFIRM)
}

/** Where the caller stands, as long as its credential is good. */
async function placeOf(
  { directory }: CallerCheck,
  { headers, callerInstanceId }: FastifyRequest,
): Promise<Place | null> {
  const credential = readInstanceCredential(headers.authorization)
  if (!credential || (await directory.authenticateInstance(credential)) !== callerInstanceId) return null
  const instance = await directory.instance(callerInstanceId)
  return instance && { instanceId: instance.id, applicationId: instance.applicationId, teamId: instance.team.id }
}
