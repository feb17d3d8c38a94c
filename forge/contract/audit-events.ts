import type { Role } from './role.ts'
import type { EndReason, IssuedVia } from './token.ts'
import type { Grant } from './grant.ts'
import type { ToolRule } from './tool-registry.ts'

/** One field of a change, as FlowFuse writes it. */
export interface AuditUpdate {
  key: string
  old: unknown
  new: unknown
}

/** The rule about one tool of an instance; `key` is the path of the server and the name of the tool. */
export interface ToolRuleUpdate extends AuditUpdate {
  old: ToolRule | null
  new: ToolRule | null
}

interface NamedThing {
  id: string
  name: string
}

/**
 * Every event, with what its entry says beyond who, when, from where and about which token. Never a secret. Dotted, as
 * FlowFuse names its events. To add one: a line here, and its title below.
 */
export interface AuditBodies {
  'user.pat.created': {
    selector: string
    role: Role
    readOnly: boolean
    /** Absent from before tokens could be limited to tools. */
    tools?: readonly string[] | null
    grants: Grant[]
    expiresAt: string | null
    /** True while an owner has to approve it. */
    pending?: boolean
    /** Absent for one that was minted on the page. */
    issuedVia?: IssuedVia
    issuedTo?: NamedThing
    /** The token that it was exchanged for. */
    parent?: NamedThing
  }
  'user.pat.updated': { widened: boolean; updates: AuditUpdate[] }
  'user.pat.rotated': {
    successor: { id: string; selector: string }
    graceEndsAt: string | null
    untilFirstUse: boolean
  }
  'user.pat.grace-ended': { because: 'owner' | 'time' | 'first_use' }
  'user.pat.revoked': { reason: EndReason }
  'user.pat.expired': { expiresAt: string }
  'user.pat.deleted': { endedAt: string }
  /**
   * `reason` is the rule of the access decision that refused, or `wrong_secret`. `count` presentations since `since`:
   * repeats within a minute share an entry.
   */
  'user.pat.refused': { reason: string; instance: NamedThing | null; count: number; since: string }
  /** A retired token was presented after its grace. */
  'user.pat.retired-used': { instance: NamedThing | null; client: string | null }
  'user.pat.alarm-dismissed': { alarmAt: string }
  'user.pat.leak-reported': { source: 'holder' | 'github'; url: string | null }
  /** The person has let a program have a token, or has sent it away (RFC 8628). */
  'user.device.approved': { client: NamedThing; address: string; role: Role; readOnly: boolean; grants: Grant[] }
  'user.device.denied': { client: NamedThing; address: string }
  'team.oauthClient.created': { client: NamedThing }
  'team.oauthClient.deleted': { client: NamedThing }
  'user.pat.approval-requested': { instances: NamedThing[]; reason: string }
  'user.pat.approval-granted': { instances: NamedThing[] }
  'user.pat.approval-declined': { instances: NamedThing[]; reason: string }
  'user.reauthenticated': { method: 'password' | 'sso' }
  'team.tokenPolicy.updated': { updates: AuditUpdate[] }
  'team.toolRules.updated': { instance: NamedThing; updates: ToolRuleUpdate[] }
  /** An owner ended what the token could do in the team, or at one of its instances. */
  'team.pat.revoked': { grants: Grant[]; instance: NamedThing | null }
  'user.sso.linked': { provider: NamedThing; how: 'created' | 'email' }
  'user.sso.signed-in': { provider: NamedThing }
  /** A provider took back what its sign-in had proved: tokens in its teams wait for the next one. */
  'user.sso.sign-in-withdrawn': { provider: NamedThing }
  /** A provider has disabled the person, or brought them back (SCIM). */
  'user.suspended': { provider: NamedThing }
  'user.reinstated': { provider: NamedThing }
  'user.session.ended': { session: string; because: 'provider' }
  /** FlowFuse's events, here of what a provider's groups did. */
  'team.user.added': { user: NamedThing; role: Role; provider: NamedThing }
  'team.user.removed': { user: NamedThing; role: Role; provider: NamedThing }
  'team.user.role-changed': { user: NamedThing; provider: NamedThing; updates: AuditUpdate[] }
  /** The groups say that they go, and nobody else could run the team. */
  'team.user.last-owner-kept': { user: NamedThing; provider: NamedThing }
  'platform.sso.provider-created': { provider: NamedThing }
  'platform.sso.provider-updated': { provider: NamedThing }
  'platform.sso.provider-deleted': { provider: NamedThing }
  'platform.sso.scim-token-created': { provider: NamedThing }
  'platform.sso.scim-token-removed': { provider: NamedThing }
  /** More different tokens were refused within a minute than are written one by one. */
  'platform.pat.refusals-dropped': { count: number; since: string }
}

export type AuditEvent = keyof AuditBodies

/** The closed list of events, each with its title for people. */
export const AUDIT_EVENTS: Record<AuditEvent, string> = {
  'user.pat.created': 'Token minted',
  'user.pat.updated': 'Token changed',
  'user.pat.rotated': 'Token rotated',
  'user.pat.grace-ended': 'Grace of a rotated token ended',
  'user.pat.revoked': 'Token revoked',
  'user.pat.expired': 'Token expired',
  'user.pat.deleted': 'Record of an ended token removed',
  'user.pat.refused': 'Token refused',
  'user.pat.retired-used': 'Retired token used',
  'user.pat.alarm-dismissed': 'Alarm dismissed',
  'user.pat.leak-reported': 'Leak reported',
  'user.device.approved': 'Program let in by its code',
  'user.device.denied': 'Program sent away',
  'team.oauthClient.created': 'Program registered',
  'team.oauthClient.deleted': 'Program removed',
  'user.pat.approval-requested': 'Approval requested',
  'user.pat.approval-granted': 'Approval granted',
  'user.pat.approval-declined': 'Approval declined',
  'user.reauthenticated': 'Signed in again to confirm',
  'team.tokenPolicy.updated': 'Token policy changed',
  'team.toolRules.updated': 'Rules about tools changed',
  'team.pat.revoked': 'Token revoked for the team',
  'user.sso.linked': 'Account linked to an identity provider',
  'user.sso.signed-in': 'Signed in through an identity provider',
  'user.sso.sign-in-withdrawn': 'Sign-in withdrawn by the identity provider',
  'user.suspended': 'Account suspended',
  'user.reinstated': 'Account reinstated',
  'user.session.ended': 'Session ended',
  'team.user.added': 'Member added',
  'team.user.removed': 'Member removed',
  'team.user.role-changed': 'Role changed',
  'team.user.last-owner-kept': 'Last owner kept',
  'platform.sso.provider-created': 'Identity provider added',
  'platform.sso.provider-updated': 'Identity provider changed',
  'platform.sso.provider-deleted': 'Identity provider removed',
  'platform.sso.scim-token-created': 'SCIM token made',
  'platform.sso.scim-token-removed': 'SCIM token removed',
  'platform.pat.refusals-dropped': 'Refusals counted together',
}
