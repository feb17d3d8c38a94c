import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Static } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { decide } from '../access/decide.ts'
import {
  ActiveIntrospectionSchema,
  IntrospectionRequestSchema,
  IntrospectionSchema,
  OAuthErrorSchema,
  type Introspection,
} from '../contract/introspection.ts'
import type { Changes } from '../changes/changes.ts'
import type { Directory } from '../directory/directory.ts'
import { requireInstance } from '../instances/authenticate.ts'
import type { Limits } from '../limits/limits.ts'
import { spendQuietly } from '../limits/spend.ts'
import { printableText } from '../sql/text.ts'
import { soon, telling, type Soon } from '../soon.ts'
import type { AuditRefs } from '../tokens/audit-ref.ts'
import type { KnownToken } from '../tokens/facts.ts'
import { countFailure } from '../tokens/failed-presentation.ts'
import { endGraceOfPredecessors } from '../tokens/grace.ts'
import type { LastUse } from '../tokens/last-use.ts'
import type { Known } from '../tokens/read-facts.ts'
import type { TokenStore } from '../tokens/store.ts'
import { verifyAt, type Verifier } from '../tokens/verify-token.ts'
import type { WrongSecrets } from '../tokens/wrong-secrets.ts'
import { inSpan, type Tracer } from '../tracer.ts'
import { createAnswerWriter, type AnswerWriter } from './active-answer.ts'
import { onlyPost, speakOAuth } from './form.ts'
import { outcomeOfError, outcomeOfRule, type Outcome, type Outcomes } from './outcomes.ts'
import { recordRefusal } from './refused-use.ts'
import { goOnTogether } from './together.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route that no browser asks: what only matters to pages need not be said. */
    onlyPrograms?: boolean
  }
}

export interface IntrospectionOptions extends Verifier {
  store: TokenStore
  changes: Pick<Changes, 'settled'>
  directory: Directory
  lastUse: LastUse
  wrongSecrets: WrongSecrets
  limits: Limits
  /** This forge's issuer identifier (RFC 8414 section 2). */
  issuer: string
  auditRefs: AuditRefs
  outcomes: Outcomes
  tracer: Tracer
}

/** The one answer about all that may not be used. */
const INACTIVE = JSON.stringify({ active: false } satisfies Introspection)

/** No look at what has changed is older than this when it is used, however slowly a body comes. */
const OLDEST_LOOK_MS = 500

/** RFC 7662. The caller is an instance; every doubt about the token is the same answer, `{"active":false}`. */
export const introspectionRoute: FastifyPluginAsyncTypebox<IntrospectionOptions> = async (app, options) => {
  await speakOAuth(app)

  app.addHook('onRequest', (request, _reply, done) => {
    request.cameAt = performance.now()
    done()
  })
  app.addHook('onRequest', goOnTogether())
  app.addHook('onRequest', requireInstance(options))
  app.addHook('onRequest', (request, reply, done) => {
    spendQuietly(options.limits.introspection, reply, request.callerInstanceId)
    done()
  })
  const desk = { ...options, writeAnswer: createAnswerWriter(options) }

  app.post(
    '/introspect',
    {
      config: { changesNothing: true, onlyPrograms: true },
      schema: {
        tags: ['OAuth'],
        security: [{ instanceBearer: [] }, { instanceBasic: [] }],
        summary: 'Introspect a token (RFC 7662)',
        description:
          'Asked by an instance, with its own credential, about a token that a client presented to it. A token that ' +
          'may not be used at this instance, whatever the reason, is answered 200 with exactly {"active":false}.',
        consumes: ['application/x-www-form-urlencoded'],
        body: IntrospectionRequestSchema,
        response: {
          200: IntrospectionSchema,
          400: OAuthErrorSchema,
          401: OAuthErrorSchema,
          429: OAuthErrorSchema,
          503: OAuthErrorSchema,
        },
      },
    },
    (request, reply) => soon(answer(desk, request, reply), (text) => send(reply, text)),
  )

  onlyPost(app, '/introspect')
}

/** @throws {ForgeError} unavailable; too_many_requests for a caller whose presentations are mostly refused */
function answer(desk: IntrospectionDesk, request: IntrospectionRequest, reply: FastifyReply): Soon<string> {
  const active = inSpan(desk.tracer, 'introspection', (span) => {
    const note = (outcome: Outcome) => {
      desk.outcomes[outcome] += 1
      span.set('forge.outcome', outcome)
    }
    return telling(
      (error) => note(outcomeOfError(error)),
      () => introspect(desk, { request, reply, note }),
    )
  })
  return soon(active, (text) => {
    if (text !== null) return text

    const { body, callerInstanceId } = request
    countFailure(desk.limits, reply, { presented: body.token, caller: `instance:${callerInstanceId}` })
    return INACTIVE
  })
}

/** It is JSON already. By the schema of the route it would be matched against both answers, to find out which it is. */
function send(reply: FastifyReply, text: string): void {
  reply.type('application/json; charset=utf-8').send(text)
}

/** The answer about a token that may be used; null for any other. @throws {ForgeError} unavailable */
function introspect(desk: IntrospectionDesk, call: Call): Soon<string | null> {
  const { request } = call
  const { body, callerInstanceId: instanceId, cameAt = performance.now() } = request
  const known = verifyAt(desk, body.token, {
    instanceId,
    since: Math.max(cameAt, performance.now() - OLDEST_LOOK_MS),
    onWrongSecret: (found) =>
      desk.wrongSecrets.note({ token: found, instanceId, requestId: request.id, address: request.ip }),
  })
  return soon(known, (found) => judge(desk, found, call))
}

/** What comes of what is known of the token; nothing is waited for but what has to be written. */
function judge(desk: IntrospectionDesk, known: Known | null, { request, reply, note }: Call): Soon<string | null> {
  if (!known) {
    note('unknown')
    return null
  }

  const { token, live } = known
  const now = new Date()
  const client = printableText(request.body.client, 200)
  const address = printableText(request.body.client_address, 64)
  const decision = decide({ token: token.facts, live, now: now.getTime() })

  if (!decision.allowed || !live) {
    const reason = decision.rules.at(-1)?.rule
    const use = { token, client, address, now }
    return soon(live && reason ? recordRefusal(desk.store, { ...use, host: live, reason }, request) : null, () => {
      note(outcomeOfRule(reason))
      return null
    })
  }
  return soon(token.endsGrace ? endGrace(desk, token, now) : null, () => {
    desk.lastUse.note(token.id, { at: now.getTime(), instanceId: request.callerInstanceId, client, address })
    note('active')
    return desk.writeAnswer({ token, live, decision }, (active) =>
      reply.serializeInput(active, ActiveIntrospectionSchema),
    )
  })
}

async function endGrace({ store, changes }: IntrospectionDesk, token: KnownToken, now: Date): Promise<void> {
  await endGraceOfPredecessors(store, token, now)
  await changes.settled() // what it answers next about the old one is that it has ended
}

interface IntrospectionDesk extends IntrospectionOptions {
  writeAnswer: AnswerWriter
}

interface Call {
  request: IntrospectionRequest
  reply: FastifyReply
  /** Is told what it came to. */
  note: (outcome: Outcome) => void
}

type IntrospectionRequest = FastifyRequest<{ Body: Static<typeof IntrospectionRequestSchema> }>
