import type { AuditBodies, AuditEvent, AuditScopeType } from '../contract/audit.ts'
import type { Actor } from './actor.ts'

/** A log that an entry is written to: its readers are that person, or the owners of that team. */
export interface AuditScope<Body = never> {
  type: AuditScopeType
  id: string
  /** The person's user name, or the team's name: kept, since it may not be there to look up later. */
  name: string
  /** What this log says instead of the entry's body, where its readers must not learn all of it. */
  body?: Body
}

/** The scope of what concerns the whole platform: in no one's log, but verified and streamed. */
export const PLATFORM_SCOPE = { type: 'platform', id: 'platform', name: 'Platform' } as const

/** The log of a person. */
export function ownLog({ id, username }: AuditedToken['owner']): AuditScope {
  return { type: 'user', id, name: username }
}

/** The log of a team. */
export function teamLog({ id, name }: { id: string; name: string }): AuditScope {
  return { type: 'team', id, name }
}

/** The token that an entry is about. */
export interface AuditedToken {
  id: string
  name: string
  owner: { id: string; username: string }
}

/** What happened. `scopes` are all the logs that it belongs to: that of the token's owner, those of the teams reached. */
export type AuditEntry<Event extends AuditEvent = AuditEvent> = {
  [Name in Event]: {
    event: Name
    actor: Actor
    scopes: readonly [AuditScope<AuditBodies[Name]>, ...AuditScope<AuditBodies[Name]>[]]
    token?: AuditedToken
    /** What changed, for people to read; never a secret. */
    body: AuditBodies[Name]
  }
}[Event]
