import type { AuthInfo } from '@modelcontextprotocol/server'

import { SCOPES, type ActiveIntrospection, type Actor } from '../forge/contract/introspection.ts'
import type { Role } from '../forge/contract/role.ts'
import { isAuthorization } from './authorization.ts'
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

/** What is put on a request, and who has said so. */
interface Identity {
  readonly caller: Caller
  readonly auth: AuthInfo
  readonly link: ForgeLink | null
}

const identities = new WeakMap<InstanceRequest, Identity>()

/** The connection to the forge that has identified the caller of this request; null unless one has. */
export function linkOf(request: InstanceRequest): ForgeLink | null {
  return identities.get(request)?.link ?? null
}

/** Who the forge says makes this request; null unless the middleware has identified them. */
export function callerOf(request: InstanceRequest): Caller | null {
  return identities.get(request)?.caller ?? null
}

/**
 * Puts the caller where flows, Dashboard and MCP servers look, and takes the token away from all of them.
 * @returns what stands for this request alone
 */
export function identify(
  request: InstanceRequest,
  answer: ActiveIntrospection,
  { presenter = {}, link = null }: { presenter?: Presenter; link?: ForgeLink | null } = {},
): AuthInfo {
  const identity = identityFrom(answer, presenter, link)

  removeAuthorization(request)
  request.user = identity.caller.user
  attachSession(request, identity.caller.user)
  identities.set(request, identity)
  return (request.auth = { ...identity.auth })
}

/** Each answer serves many requests, most of them from where the one before came. */
const lastIdentities = new WeakMap<ActiveIntrospection, Identity>()

/** The same as last time where nothing has changed; nobody can change it. */
function identityFrom(answer: ActiveIntrospection, presenter: Presenter, link: ForgeLink | null): Identity {
  const last = lastIdentities.get(answer)
  if (last && last.link === link && isSame(last.caller.presenter, presenter)) return last

  const caller = callerFromAnswer(answer, presenter)
  const identity = { caller, auth: authInfo(caller, answer), link }
  lastIdentities.set(answer, identity)
  return identity
}

function isSame(one: Presenter, other: Presenter): boolean {
  return one.client === other.client && one.address === other.address
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

/** The token is blank: whatever reads this runs code of flow authors, who are not the caller. */
function authInfo(caller: Caller, { client_id, exp, aud, forge }: ActiveIntrospection): AuthInfo {
  const { scopes, ...extra } = caller
  return {
    token: '',
    clientId: client_id,
    scopes: Object.freeze([...scopes]) as string[],
    // SDK gates refuse an AuthInfo without an end; for a token without expiry it is the end of this answer, or later.
    expiresAt: exp ?? Math.ceil(Date.now() / 1000) + forge.cacheSeconds,
    ...(URL.canParse(aud) ? { resource: new URL(aud) } : {}),
    extra: Object.freeze(extra),
  }
}

function removeAuthorization(request: InstanceRequest): void {
  // Node makes these two from the raw list when they are first looked at, and relies on its length then.
  delete request.headers.authorization
  delete request.headersDistinct['authorization']

  for (let i = request.rawHeaders.length - 2; i >= 0; i -= 2) {
    if (isAuthorization(request.rawHeaders[i])) request.rawHeaders.splice(i, 2)
  }
}
