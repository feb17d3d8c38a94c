import type { AuthInfo } from '@modelcontextprotocol/server'

import { SCOPES, type ActiveIntrospection, type Actor } from '../forge/contract/introspection.ts'
import type { Role } from '../forge/contract/role.ts'
import type { InstanceRequest } from './connect.ts'
import type { Presenter } from './forge-client.ts'
import type { ForgeLink } from './forge-link.ts'
import { attachSession } from './request-session.ts'

/** Who calls. FlowFuse's own keys, so that flows and Dashboard find what they know. */
export interface CallerUser {
  readonly userId: string
  readonly username: string
  readonly email: string
  readonly name: string
  /** URL of a picture; empty without one. */
  readonly image: string
  /** The effective role: the token's cap or the live team role, whichever is less. */
  readonly role: Role
}

/** A caller whom the forge vouches for, as flows and tools see them. */
export interface Caller {
  readonly user: CallerUser
  readonly team: { readonly id: string; readonly slug: string; readonly name: string }
  readonly role: { readonly name: Role; readonly level: number }
  readonly readOnly: boolean
  readonly scopes: readonly string[]
  /** Names of the only tools that the token may call; null for no such limit. */
  readonly tools: readonly string[] | null
  readonly tokenId: string
  /** When the token ends (ISO 8601); null when it never does. */
  readonly expiresAt: string | null
  /** The instance that acts for the person (RFC 8693 section 4.1); null when they call themselves. */
  readonly act: Readonly<Actor> | null
  /** Quoted in audit events; the forge resolves the user from it. */
  readonly auditRef: string
  /** What the request says of where it comes from. */
  readonly presenter: Presenter
}

const callers = new WeakMap<InstanceRequest, Caller>()
const links = new WeakMap<InstanceRequest, ForgeLink>()

/** The connection to the forge that has identified the caller of this request; null unless one has. */
export function linkOf(request: InstanceRequest): ForgeLink | null {
  return links.get(request) ?? null
}

/** Who the forge says makes this request; null unless the middleware has identified them. */
export function callerOf(request: InstanceRequest): Caller | null {
  return callers.get(request) ?? null
}

export function callerFromAnswer(answer: ActiveIntrospection, presenter: Presenter = {}): Caller {
  const { team, role, readOnly, auditRef, tools } = answer.forge
  const scopes = answer.scope.split(' ').filter((scope) => scope !== '')

  return Object.freeze({
    user: Object.freeze({
      userId: answer.sub,
      username: answer.username,
      email: answer.email,
      name: answer.name,
      image: answer.picture ?? '',
      role: role.name,
    }),
    team: Object.freeze({ id: team.id, slug: team.slug, name: team.name }),
    role: Object.freeze({ name: role.name, level: role.level }),
    readOnly: readOnly || !scopes.includes(SCOPES.write),
    scopes: Object.freeze(scopes),
    tools: tools === undefined ? null : Object.freeze([...tools]),
    tokenId: answer.jti,
    expiresAt: answer.exp === undefined ? null : new Date(answer.exp * 1000).toISOString(),
    act: answer.act === undefined ? null : freezeActor(answer.act),
    auditRef,
    presenter: Object.freeze({ ...presenter }),
  })
}

function freezeActor({ sub, act }: Actor): Readonly<Actor> {
  return Object.freeze({ sub, ...(act ? { act: freezeActor(act) } : {}) })
}

/** Puts the caller where flows, Dashboard and MCP servers look, and takes the token away from all of them. */
export function identify(
  request: InstanceRequest,
  answer: ActiveIntrospection,
  { presenter, link }: { presenter?: Presenter; link?: ForgeLink } = {},
): AuthInfo {
  const caller = callerFromAnswer(answer, presenter)

  removeAuthorization(request)
  request.user = caller.user
  attachSession(request, caller.user)
  callers.set(request, caller)
  if (link) links.set(request, link)
  return (request.auth = authInfo(caller, answer))
}

/** The token is blank: whatever reads this runs code of flow authors, who are not the caller. */
function authInfo(caller: Caller, answer: ActiveIntrospection): AuthInfo {
  const { scopes, ...extra } = caller
  return {
    token: '',
    clientId: answer.client_id,
    scopes: [...scopes],
    // SDK gates refuse an AuthInfo without an end; for a token without expiry it is the end of this answer.
    expiresAt: answer.exp ?? Math.floor(Date.now() / 1000) + answer.forge.cacheSeconds,
    ...(URL.canParse(answer.aud) ? { resource: new URL(answer.aud) } : {}),
    extra,
  }
}

function removeAuthorization(request: InstanceRequest): void {
  // Node makes these two from the raw list when they are first looked at, and relies on its length then.
  delete request.headers.authorization
  delete request.headersDistinct['authorization']

  for (let i = request.rawHeaders.length - 2; i >= 0; i -= 2) {
    if (request.rawHeaders[i]?.toLowerCase() === 'authorization') request.rawHeaders.splice(i, 2)
  }
}
