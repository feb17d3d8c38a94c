import type { FastifyReply, FastifyRequest } from 'fastify'

import { decide } from '../access/decide.ts'
import type { RuleName } from '../access/rules.ts'
import type { Grant } from '../contract/grant.ts'
import { lowerRole, type Role } from '../contract/role.ts'
import { ACCESS_TOKEN_TYPE, type TokenRequest, type TokenResponse } from '../contract/oauth.ts'
import type { HostFacts } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import type { Limits } from '../limits/limits.ts'
import { countFailure } from '../tokens/failed-presentation.ts'
import { findTeamFacts, type KnownToken } from '../tokens/facts.ts'
import { issueExchanged } from '../tokens/issue-exchanged.ts'
import { MAX_EXCHANGES } from '../tokens/parents.ts'
import type { TokenStore } from '../tokens/store.ts'
import { verifyToken, type Verifier } from '../tokens/verify-token.ts'
import { listTargets } from '../tokens/wish.ts'
import { recordRefusal } from './refused-use.ts'
import { instanceAt, readResource } from './resource.ts'
import { isReadingScope, scopeOf } from './scopes.ts'

/** How long a flow may go on acting for whoever called it. */
const MAX_MS = 15 * 60_000

export interface Exchange extends Verifier {
  store: TokenStore
  limits: Limits
}

type ExchangeRequest = FastifyRequest<{ Body: TokenRequest }>

/**
 * RFC 8693: an instance turns the token of its caller into one for another instance of the same person. What comes of
 * it is less on every side (one instance, no higher role than here and there, read-only where the other is, minutes)
 * and lives only as long as what it came of.
 * @throws {ForgeError} invalid_request (the subject token, whatever is wrong with it), invalid_target, invalid_scope
 */
export async function exchangeToken(
  exchange: Exchange,
  request: ExchangeRequest,
  reply: FastifyReply,
): Promise<TokenResponse> {
  const { resource, presented } = readRequest(request.body)
  const wantsWriting = request.body.scope !== undefined && !isReadingScope(request.body.scope)
  const wantsReading = request.body.scope !== undefined && !wantsWriting

  const subject = await verifySubject(exchange, request)
  if (!subject) {
    countFailure(exchange.limits, reply, { presented, caller: `instance:${request.callerInstanceId}` })
    throw badSubject()
  }
  if (subject.token.parents.length >= MAX_EXCHANGES) {
    throw new ForgeError('invalid_request', `A token can be exchanged ${MAX_EXCHANGES} times in a row, and no more.`)
  }

  const target = await findTarget(exchange, subject.token, { resource, callerId: request.callerInstanceId })
  const readOnly = wantsReading || subject.readOnly || target.readOnly
  if (wantsWriting && readOnly) throw new ForgeError('invalid_scope', 'The token that was shown may only read there.')

  const now = Date.now()
  const expiresAt = new Date(Math.min(now + MAX_MS, subject.token.facts.expiresAt ?? Infinity))
  const text = await issueExchanged(exchange.store, {
    parent: subject.token,
    actor: { instance: subject.host.instance, requestId: request.id, address: request.ip },
    target: target.host,
    wish: { role: lowerRole(subject.role, target.role), readOnly, expiresAt },
  })
  return {
    access_token: text,
    issued_token_type: ACCESS_TOKEN_TYPE,
    token_type: 'Bearer',
    expires_in: Math.floor((expiresAt.getTime() - now) / 1000),
    scope: scopeOf({ readOnly }),
  }
}

const badSubject = () =>
  new ForgeError('invalid_request', 'The subject_token is no token that may be used at this instance.')

const badTarget = () =>
  new ForgeError('invalid_target', 'The subject_token reaches no other instance at the address in resource.')

/** @throws {ForgeError} invalid_request, invalid_target */
function readRequest(body: TokenRequest): { presented: string; resource: string } {
  const wrong = (sentence: string) => new ForgeError('invalid_request', sentence)
  if (body.subject_token === undefined) throw wrong('subject_token is missing.')
  if (body.subject_token_type !== ACCESS_TOKEN_TYPE) throw wrong(`subject_token_type must be ${ACCESS_TOKEN_TYPE}.`)
  if ((body.requested_token_type ?? ACCESS_TOKEN_TYPE) !== ACCESS_TOKEN_TYPE) {
    throw wrong(`requested_token_type must be ${ACCESS_TOKEN_TYPE}.`)
  }
  if (body.actor_token !== undefined || body.actor_token_type !== undefined) {
    throw wrong('The actor is the instance that authenticates: leave actor_token and actor_token_type out.')
  }
  if (body.audience !== undefined) throw new ForgeError('invalid_target', 'Name the instance by resource.')

  const [resource, ...others] = [body.resource ?? []].flat()
  if (resource === undefined || others.length > 0) {
    throw new ForgeError('invalid_target', 'Name one instance by resource: a token is good for one.')
  }
  return { presented: body.subject_token, resource: readResource(resource) }
}

/** The subject token as it is worth at the instance that shows it; null when it is worth nothing there. */
async function verifySubject(exchange: Exchange, request: ExchangeRequest) {
  const { store } = exchange
  const token = await verifyToken(exchange, request.body.subject_token ?? '')
  if (!token) return null

  const worth = await worthAt(store, token, request.callerInstanceId)
  if (worth.allowed) return { ...worth, token }

  const { host, reason } = worth
  const trace = { client: null, address: null, now: new Date() }
  if (host && reason) await recordRefusal(store, { token, host, reason, ...trace }, request)
  return null
}

/** @throws {ForgeError} invalid_target */
async function findTarget(
  { store }: Exchange,
  token: KnownToken,
  { resource, callerId }: { resource: string; callerId: string },
) {
  const instance = instanceAt(await listTargets(store, token.userId), resource)
  if (!instance || instance.id === callerId) throw badTarget()

  // What the new token would be worth there, by the very decision that will be asked about it.
  const { id, facts, parents, issued } = token
  const { parents: _parents, ...own } = facts
  const line = [{ ...own, id, parentId: issued.parentId, actorId: null }, ...parents]
  const grants: Grant[] = [{ type: 'instance', id: instance.id }]
  const next = { id, parents: line, userId: token.userId, facts: { ...own, grants, parents: line } }
  const worth = await worthAt(store, next, instance.id)
  if (!worth.allowed) throw badTarget()
  return worth
}

type Worth =
  | { allowed: true; role: Role; readOnly: boolean; host: HostFacts }
  | { allowed: false; host: HostFacts | null; reason: RuleName | undefined }

/** What introspection says there, or would say. */
async function worthAt(
  { db, directory }: TokenStore,
  token: Pick<KnownToken, 'id' | 'userId' | 'facts' | 'parents'>,
  instanceId: string,
): Promise<Worth> {
  const host = await directory.access(token.userId, instanceId)
  const about = { tokenId: token.id, parents: token.parents, teamId: host?.team.id ?? '', instanceId }
  const live = host && { ...host, ...(await findTeamFacts(db, about)) }
  const decision = decide({ token: token.facts, live, now: Date.now() })
  if (!decision.allowed || !host) return { allowed: false, host, reason: decision.rules.at(-1)?.rule }

  const { role, readOnly } = decision
  return { allowed: true, role, readOnly, host }
}
