import type { FastifyRequest } from 'fastify'

import type { AuditTriggerType } from '../contract/audit.ts'
import type { EntryContent } from './model.ts'

/** Where a request came from. */
interface Origin {
  requestId: string
  address: string
}

/** A person with a browser session. */
export interface PersonActor extends Origin {
  type: 'user'
  userId: string
  username: string
  /** Public reference of the session. */
  sessionId: string
  /** The identity provider that the session came through, where that is known. It is not written into the entry. */
  providerId?: string | null
}

/** A token on its own: its owner is the person behind it. */
export interface TokenActor extends Origin {
  type: 'token'
  tokenId: string
  tokenName: string
  userId: string
  username: string
}

/** An instance with its own credential. */
export interface InstanceActor extends Origin {
  type: 'instance'
  instanceId: string
  instanceName: string
}

/** An identity provider that said something about a person (RFC 8417, SCIM, group synchronisation). */
export interface ProviderActor {
  type: 'identity-provider'
  providerId: string
  providerName: string
  /** Null where the forge looked by itself at what the provider says. */
  requestId: string | null
  address: string | null
}

/** The forge by itself: a housekeeper, or the consequence of something that was deleted. */
export interface SystemActor {
  type: 'system'
  /** Which part of it. */
  name: string
}

/** Who did it, with what, from where. */
export type Actor = PersonActor | TokenActor | InstanceActor | ProviderActor | SystemActor

/** The person of a request that has passed `requireSession`. */
export function personBehind({ owner, id, ip }: FastifyRequest): PersonActor {
  const { userId, username, sessionId, providerId = null } = owner
  return { type: 'user', userId, username, sessionId, providerId, requestId: id, address: ip }
}

type ActorContent = Pick<
  EntryContent,
  'actorType' | 'actorId' | 'actorName' | 'userId' | 'username' | 'sessionId' | 'requestId' | 'address'
>

/** The actor as an entry holds it: with the names of now, so that it can be read when they are gone. */
export function describeActor(actor: Actor): ActorContent {
  const origin = actor.type === 'system' ? NO_ORIGIN : { requestId: actor.requestId, address: actor.address }
  const nobody = { ...origin, actorType: actor.type, userId: null, username: null, sessionId: null }

  switch (actor.type) {
    case 'user':
      return {
        ...nobody,
        ...personOf(actor),
        actorId: actor.userId,
        actorName: actor.username,
        sessionId: actor.sessionId,
      }
    case 'token':
      return { ...nobody, ...personOf(actor), actorId: actor.tokenId, actorName: actor.tokenName }
    case 'instance':
      return { ...nobody, actorId: actor.instanceId, actorName: actor.instanceName }
    case 'identity-provider':
      return { ...nobody, actorId: actor.providerId, actorName: actor.providerName }
    case 'system':
      return { ...nobody, actorId: 'system', actorName: actor.name }
  }
}

const NO_ORIGIN = { requestId: null, address: null }

const personOf = ({ userId, username }: PersonActor | TokenActor) => ({ userId, username })

/** FlowFuse's `source`: nothing for the pages, `api` for a token. */
export function sourceOf(actorType: AuditTriggerType): string | null {
  if (actorType === 'user') return null
  return actorType === 'token' ? 'api' : actorType
}
