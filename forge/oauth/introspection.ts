import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Static } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { decide } from '../access/decide.ts'
import { allowedTools } from '../access/rules.ts'
import {
  CACHE_SECONDS,
  IntrospectionRequestSchema,
  IntrospectionSchema,
  OAuthErrorSchema,
  type ActiveIntrospection,
  type Actor,
  type Introspection,
} from '../contract/introspection.ts'
import { ROLE_LEVELS, type Role } from '../contract/role.ts'
import type { Changes } from '../changes/changes.ts'
import type { Directory, HostFacts } from '../directory/directory.ts'
import { requireInstance } from '../instances/authenticate.ts'
import type { Limits } from '../limits/limits.ts'
import { spendQuietly } from '../limits/spend.ts'
import { printableText } from '../sql/text.ts'
import type { AuditRefs } from '../tokens/audit-ref.ts'
import type { KnownToken } from '../tokens/facts.ts'
import { countFailure } from '../tokens/failed-presentation.ts'
import { endGraceOfPredecessors } from '../tokens/grace.ts'
import type { LastUse } from '../tokens/last-use.ts'
import type { TokenStore } from '../tokens/store.ts'
import { verifyAt, type Verifier } from '../tokens/verify-token.ts'
import type { WrongSecrets } from '../tokens/wrong-secrets.ts'
import type { Tracer } from '../tracer.ts'
import { onlyPost, speakOAuth } from './form.ts'
import { outcomeOfError, outcomeOfRule, type Outcome, type Outcomes } from './outcomes.ts'
import { recordRefusal } from './refused-use.ts'
import { scopeOf } from './scopes.ts'

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

/** The instance is told when a token changes, and not when one does that it came of. */
const EXCHANGED_CACHE_SECONDS = 1
/** Nor is it told when something changes at a host that cannot say so. */
const UNTOLD_CACHE_SECONDS = 1

const INACTIVE = { active: false } as const

/** RFC 7662. The caller is an instance; every doubt about the token is the same answer, `{"active":false}`. */
export const introspectionRoute: FastifyPluginAsyncTypebox<IntrospectionOptions> = async (app, options) => {
  await speakOAuth(app)

  const authenticate = requireInstance(options)
  app.addHook('onRequest', async (request, reply) => {
    await authenticate(request, reply)
    spendQuietly(options.limits.introspection, reply, request.callerInstanceId)
  })

  app.post(
    '/introspect',
    {
      config: { changesNothing: true },
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
    async (request, reply) => answer(options, request, reply),
  )

  onlyPost(app, '/introspect')
}

/** @throws {ForgeError} unavailable; too_many_requests for a caller whose presentations are mostly refused */
async function answer(
  options: IntrospectionOptions,
  request: IntrospectionRequest,
  reply: FastifyReply,
): Promise<Introspection> {
  const introspection = await options.tracer.span('introspection', (span) => {
    const note = (outcome: Outcome) => {
      options.outcomes[outcome] += 1
      span.set('forge.outcome', outcome)
    }
    return introspect(options, request, note).catch((error: unknown) => {
      note(outcomeOfError(error))
      throw error
    })
  })
  if (introspection.active) return introspection

  const { body, callerInstanceId } = request
  countFailure(options.limits, reply, { presented: body.token, caller: `instance:${callerInstanceId}` })
  return introspection
}

/** @param note is told what it came to @throws {ForgeError} unavailable */
async function introspect(
  options: IntrospectionOptions,
  request: IntrospectionRequest,
  note: (outcome: Outcome) => void,
): Promise<Introspection> {
  const { body, callerInstanceId: instanceId } = request
  const { id: requestId, ip } = request
  const known = await verifyAt(options, body.token, {
    instanceId,
    onWrongSecret: (found) => options.wrongSecrets.note({ token: found, instanceId, requestId, address: ip }),
  })
  if (!known) {
    note('unknown')
    return INACTIVE
  }

  const { token, live } = known
  const now = new Date()
  const client = printableText(body.client, 200)
  const address = printableText(body.client_address, 64)
  const decision = decide({ token: token.facts, live, now: now.getTime() })

  if (!decision.allowed || !live) {
    const reason = decision.rules.at(-1)?.rule
    if (live && reason) await recordRefusal(options.store, { token, host: live, reason, client, address, now }, request)
    note(outcomeOfRule(reason))
    return INACTIVE
  }
  if (token.endsGrace) {
    await endGraceOfPredecessors(options.store, token, now)
    await options.changes.settled() // what it answers next about the old one is that it has ended
  }

  options.lastUse.note(token.id, { at: now.getTime(), instanceId, client, address })
  note('active')
  return describe(options, token, live, decision)
}

type IntrospectionRequest = FastifyRequest<{ Body: Static<typeof IntrospectionRequestSchema> }>

function describe(
  { issuer, auditRefs, directory }: IntrospectionOptions,
  token: KnownToken,
  { user, team, instance, sso }: HostFacts,
  { role, readOnly, mcpOnly }: { role: Role; readOnly: boolean; mcpOnly: boolean },
): ActiveIntrospection {
  const tools = allowedTools(token.facts)

  return {
    active: true,
    iss: issuer,
    sub: user.id,
    username: user.username,
    name: user.name,
    email: user.email,
    ...(user.picture === null ? {} : { picture: user.picture }),
    client_id: `pat:${token.id}`,
    jti: token.id,
    token_type: 'Bearer',
    scope: scopeOf({ readOnly }),
    aud: instance.url,
    iat: seconds(token.facts.createdAt),
    ...(token.facts.expiresAt === null ? {} : { exp: seconds(token.facts.expiresAt) }),
    ...(sso ? describeSignIn(sso) : {}),
    roles: [role],
    ...actorOf(token),
    forge: {
      team: { id: team.id, slug: team.slug, name: team.name },
      instance: { id: instance.id, name: instance.name },
      role: { name: role, level: ROLE_LEVELS[role] },
      readOnly,
      mcpOnly,
      ...(tools === null ? {} : { tools: [...tools] }),
      auditRef: auditRefs.of(token.id, instance.id),
      cacheSeconds: cacheSecondsOf(token, directory),
    },
  }
}

function cacheSecondsOf({ parents }: KnownToken, { changes }: Directory): number {
  if (parents.length > 0) return EXCHANGED_CACHE_SECONDS
  return changes ? CACHE_SECONDS : UNTOLD_CACHE_SECONDS
}

/** RFC 8693 section 4.1: who acts for the person, and within it who acted before. */
function actorOf({ issued, parents }: KnownToken): { act?: Actor } {
  const line = [issued.via === 'exchange' ? issued.toId : null, ...parents.map(({ actorId }) => actorId)]
  const act = line
    .filter((sub) => sub !== null)
    .reduceRight<Actor | undefined>((before, sub) => (before ? { sub, act: before } : { sub }), undefined)
  return act ? { act } : {}
}

/** How the person last came through the team's provider (OpenID Connect Core section 2). */
function describeSignIn({ signedInAt, authTime, amr, groups }: NonNullable<HostFacts['sso']>) {
  const provedAt = authTime ?? signedInAt
  return {
    ...(provedAt === null ? {} : { auth_time: seconds(provedAt) }),
    ...(amr.length === 0 ? {} : { amr }),
    ...(groups === null ? {} : { groups }),
  }
}

/** NumericDate (RFC 7519 section 2). Rounded down, so that no client believes in a token for longer than we do. */
function seconds(epochMs: number): number {
  return Math.floor(epochMs / 1000)
}
