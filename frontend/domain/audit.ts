import { AUDIT_EVENTS, type AuditBodies, type AuditEvent, type AuditUpdate } from '@contract/audit-events.ts'
import type { AuditLogEntry, AuditLogQuery } from '@contract/audit.ts'
import type { Grant, GrantType } from '@contract/grant.ts'
import type { TokenPolicy } from '@contract/policy.ts'

import { count } from './counts.ts'
import { formatDate, formatMoment, startOfDay } from './dates.ts'
import { describeValue, isPolicyField, POLICY_FIELDS } from './policy.ts'
import { ROLE_NAMES } from './roles.ts'
import { describeRule } from './tool-rules.ts'

/** What is chosen in the filters, as the address has it; empty for no choice. Days are local calendar days. */
export type AuditFilters = Record<'event' | 'person' | 'from' | 'to', string>

export const NO_AUDIT_FILTERS: AuditFilters = { event: '', person: '', from: '', to: '' }

export const EVENT_CHOICES = [
  { value: '', label: 'Any' },
  ...Object.entries(AUDIT_EVENTS)
    .map(([value, label]) => ({ value, label }))
    .sort((a, b) => a.label.localeCompare(b.label)),
]

const isEvent = (name: string): name is AuditEvent => Object.hasOwn(AUDIT_EVENTS, name)

/** What to ask the forge for. An address that somebody has edited by hand narrows by what can be understood. */
export function auditQuery({ event, person, from, to }: AuditFilters): AuditLogQuery {
  const start = startOfDay(from)
  const end = startOfDay(to, 1)
  return {
    ...(isEvent(event) ? { event } : {}),
    ...(person === '' ? {} : { username: person }),
    ...(start ? { from: start.toISOString() } : {}),
    ...(end ? { to: end.toISOString() } : {}),
  }
}

export const eventTitle = ({ event }: AuditLogEntry): string => (isEvent(event) ? AUDIT_EVENTS[event] : event)

/** Who did it, in words. */
export function describeActor({ username, trigger, token }: AuditLogEntry): string {
  if (trigger.type === 'system') return 'The forge'
  const name = username ?? trigger.name
  return trigger.type === 'token' ? `${name}, by the token “${token?.name ?? trigger.name}”` : name
}

/** Whose token it is about: "Claude Code of alice". Null for what is about no token. */
export const describeToken = ({ token }: AuditLogEntry): string | null => token && `${token.name} of ${token.ownerName}`

/** What changed, a line for each thing; nothing where the title says it all. */
export function describeBody({ event, body }: AuditLogEntry): string[] {
  if (!isEvent(event)) return []
  return wordsFor(event, body).filter((line) => line !== null)
}

type Words<Event extends AuditEvent> = (body: AuditBodies[Event]) => (string | null)[]

const WORDS: { [Event in AuditEvent]: Words<Event> } = {
  'user.pat.created': ({ role, readOnly, grants, expiresAt, pending, issuedVia, issuedTo }) => [
    issuedTo && issuedVia === 'device' ? `For ${issuedTo.name}, by its code` : null,
    issuedTo && issuedVia === 'exchange' ? `By ${issuedTo.name}, in exchange for another token` : null,
    `${ROLE_NAMES[role]} at most, ${readOnly ? 'read-only' : 'may write'}`,
    reaches(grants),
    expiresAt === null ? 'Never expires' : `Expires ${formatDate(new Date(expiresAt))}`,
    pending ? 'Waits for an owner’s approval' : null,
  ],
  'user.pat.updated': ({ widened, updates }) => [
    widened ? 'It may do more than before' : null,
    ...updates.map(describeUpdate),
  ],
  'user.pat.rotated': ({ successor, graceEndsAt, untilFirstUse }) => [
    `The new one begins with ffpat_${successor.selector}_`,
    graceEndsAt === null ? null : `The old one works until ${formatMoment(new Date(graceEndsAt))}`,
    untilFirstUse ? 'The old one ends when the new one is first used' : null,
  ],
  'user.pat.grace-ended': ({ because }) => [
    { owner: 'Its holder ended it', time: 'Its time was over', first_use: 'The new one was used' }[because],
  ],
  'user.pat.revoked': ({ reason }) => [
    {
      by_owner: 'By its holder',
      by_team: 'By an owner of the team',
      family_revoked: 'Together with the tokens that it replaced or that replaced it',
      leaked: 'Its text had leaked',
      by_client: 'By the program that used it',
      owner_deleted: 'Its holder’s account was deleted',
      nothing_left_to_reach: 'Everything that it reached is gone',
    }[reason],
  ],
  'user.pat.expired': ({ expiresAt }) => [`It ended ${formatMoment(new Date(expiresAt))}`],
  'user.pat.deleted': ({ endedAt }) => [`It had ended ${formatMoment(new Date(endedAt))}`],
  'user.pat.refused': ({ reason, instance, count: times, since }) => [
    at(instance),
    `Because of the rule “${reason.replaceAll('_', ' ')}”`,
    times > 1 ? `${count(times, 'time')} since ${formatMoment(new Date(since))}` : null,
  ],
  'user.pat.retired-used': ({ instance, client }) => [at(instance), client && `With ${client}`],
  'user.pat.alarm-dismissed': ({ alarmAt }) => [`The alarm of ${formatMoment(new Date(alarmAt))}`],
  'user.pat.leak-reported': ({ source, url }) => [
    source === 'github' ? 'By GitHub' : 'By somebody who held it',
    url && `Found at ${url}`,
  ],
  'user.device.approved': ({ client, address, role, readOnly, grants }) => [
    `${client.name}, at ${address}`,
    `${ROLE_NAMES[role]} at most, ${readOnly ? 'read-only' : 'may write'}`,
    reaches(grants),
  ],
  'user.device.denied': ({ client, address }) => [`${client.name}, at ${address}`],
  'team.oauthClient.created': ({ client }) => [client.name],
  'team.oauthClient.deleted': ({ client }) => [client.name],
  'user.pat.approval-requested': ({ instances, reason }) => [inProduction(instances), `“${reason}”`],
  'user.pat.approval-granted': ({ instances }) => [inProduction(instances)],
  'user.pat.approval-declined': ({ instances, reason }) => [
    inProduction(instances),
    reason === '' ? null : `“${reason}”`,
  ],
  'user.reauthenticated': ({ method }) => [method === 'sso' ? 'At the identity provider' : 'With the password'],
  'team.tokenPolicy.updated': ({ updates }) => updates.map(describeUpdate),
  'team.toolRules.updated': ({ instance, updates }) => [
    at(instance),
    ...updates.map(({ key, old, new: rule }) => `${key}: ${describeRule(old)} → ${describeRule(rule)}`),
  ],
  'team.pat.revoked': ({ grants, instance }) => [instance ? at(instance) : 'In the whole team', reaches(grants)],
  'user.sso.linked': ({ provider, how }) => [
    through(provider),
    { created: 'A new account', email: 'Found by its e-mail address' }[how],
  ],
  'user.sso.signed-in': ({ provider }) => [through(provider)],
  'user.sso.sign-in-withdrawn': ({ provider }) => [through(provider)],
  'user.suspended': ({ provider }) => [through(provider)],
  'user.reinstated': ({ provider }) => [through(provider)],
  'user.session.ended': () => ['The identity provider ended it'],
  'team.user.added': ({ user, role, provider }) => [`${user.name} as ${ROLE_NAMES[role]}`, through(provider)],
  'team.user.removed': ({ user, provider }) => [user.name, through(provider)],
  'team.user.role-changed': ({ user, provider, updates }) => [
    user.name,
    ...updates.map(describeUpdate),
    through(provider),
  ],
  'team.user.last-owner-kept': ({ user, provider }) => [`${user.name} has lost the group`, through(provider)],
  'platform.sso.provider-created': ({ provider }) => [provider.name],
  'platform.sso.provider-updated': ({ provider }) => [provider.name],
  'platform.sso.provider-deleted': ({ provider }) => [provider.name],
  'platform.sso.scim-token-created': ({ provider }) => [provider.name],
  'platform.sso.scim-token-removed': ({ provider }) => [provider.name],
  'platform.pat.refusals-dropped': ({ count: times, since }) => [
    `${count(times, 'refusal')} since ${formatMoment(new Date(since))}`,
  ],
}

/** The contract says which body belongs to which event; the wire carries the two side by side. */
const wordsFor = <Event extends AuditEvent>(event: Event, body: Record<string, unknown>): (string | null)[] =>
  WORDS[event](body as unknown as AuditBodies[Event])

const at = (instance: { name: string } | null): string | null => instance && `At ${instance.name}`

const through = ({ name }: { name: string }): string => `Through ${name}`

const inProduction = (instances: { name: string }[]): string | null =>
  instances.length === 0 ? null : `Production: ${instances.map(({ name }) => name).join(', ')}`

/** Entries hold no names of what is reached: numbers tell how far it goes. */
function reaches(grants: Grant[]): string | null {
  const number = (wanted: GrantType) => grants.filter(({ type }) => type === wanted).length
  const parts = [
    number('team') > 0 ? 'the whole team' : '',
    number('application') > 0 ? count(number('application'), 'application') : '',
    number('instance') > 0 ? count(number('instance'), 'instance') : '',
  ].filter(Boolean)
  return parts.length === 0 ? null : `Reaches ${parts.join(', ')}`
}

function describeUpdate(update: AuditUpdate): string {
  const { key } = update
  if (!isPolicyField(key)) return `${key}: ${plain(update.old)} → ${plain(update.new)}`

  const [before, after] = [update.old, update.new].map((value) => describeValue(key, value as TokenPolicy[typeof key]))
  return `${POLICY_FIELDS[key]}: ${before} → ${after}`
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return count(value.length, 'thing')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return value === null || value === '' ? 'nothing' : String(value)
}
