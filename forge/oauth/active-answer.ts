import type { Decision } from '../access/decide.ts'
import { allowedTools } from '../access/rules.ts'
import { CACHE_SECONDS, type ActiveIntrospection, type Actor } from '../contract/introspection.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import type { Directory, HostFacts } from '../directory/directory.ts'
import type { AuditRefs } from '../tokens/audit-ref.ts'
import type { KnownToken } from '../tokens/facts.ts'
import { scopeOf } from './scopes.ts'

export interface AnswerOptions {
  /** This forge's issuer identifier (RFC 8414 section 2). */
  issuer: string
  auditRefs: AuditRefs
  directory: Directory
}

/** What an active answer tells of. */
export interface Finding {
  token: KnownToken
  live: HostFacts
  decision: Extract<Decision, { allowed: true }>
}

/** The text of an active answer. @param serialize writes it by the schema of the route */
export type AnswerWriter = (finding: Finding, serialize: (answer: ActiveIntrospection) => string) => string

/** The instance is told when a token changes, and not when one does that it came of. */
const EXCHANGED_CACHE_SECONDS = 1
/** Nor is it told when something changes at a host that cannot say so. */
const UNTOLD_CACHE_SECONDS = 1

/** Of a kilobyte each; of more, all are forgotten. */
const MAX_WRITTEN = 5_000

interface Written extends Omit<Finding, 'live'> {
  text: string
}

/**
 * Writes active answers (RFC 7662 section 2.2). Most ask again about what nothing has become of since: a text that was
 * written of the very same facts in memory, and of a decision that came to the same, is given once more. The decision is
 * made each time, and facts that were dropped and read again are other ones, so there is nothing here to be dropped.
 */
export function createAnswerWriter(options: AnswerOptions): AnswerWriter {
  let written = new WeakMap<HostFacts, Written>()
  let count = 0

  return (finding, serialize) => {
    const { live, token, decision } = finding
    const before = written.get(live)
    if (before && isSame(before, finding)) return before.text

    const text = serialize(describe(options, finding))
    if (count >= MAX_WRITTEN) {
      written = new WeakMap()
      count = 0
    }
    written.set(live, { token, decision, text })
    count += 1
    return text
  }
}

function isSame(one: Omit<Finding, 'live'>, other: Finding): boolean {
  return (
    one.token === other.token &&
    one.decision.role === other.decision.role &&
    one.decision.readOnly === other.decision.readOnly &&
    one.decision.mcpOnly === other.decision.mcpOnly
  )
}

function describe(
  { issuer, auditRefs, directory }: AnswerOptions,
  { token, live: { user, team, instance, sso }, decision: { role, readOnly, mcpOnly } }: Finding,
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
