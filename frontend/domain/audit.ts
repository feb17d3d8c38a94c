import { AUDIT_EVENTS, type AuditBodies, type AuditEvent, type AuditUpdate } from '@contract/audit-events.ts'
import type { AuditLogEntry, AuditLogQuery } from '@contract/audit.ts'
import type { Grant, GrantType } from '@contract/grant.ts'
import type { TokenPolicy } from '@contract/policy.ts'
import type { Role } from '@contract/role.ts'

import { formatDate, formatMoment, startOfDay } from './dates.ts'
import { describeValue, isPolicyField, POLICY_FIELDS } from './policy.ts'
import { ROLE_NAMES } from './roles.ts'
import { describeRule } from './tool-rules.ts'
import { t } from '../messages/messages.ts'

/** What is chosen in the filters, as the address has it; empty for no choice. Days are local calendar days. */
export type AuditFilters = Record<'event' | 'person' | 'from' | 'to', string>

export const NO_AUDIT_FILTERS: AuditFilters = { event: '', person: '', from: '', to: '' }

export const EVENT_CHOICES = [
  { value: '', label: t.auditWords.any },
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
  if (trigger.type === 'system') return t.auditWords.theForge
  const name = username ?? trigger.name
  return trigger.type === 'token' ? t.auditWords.byTheToken(name, token?.name ?? trigger.name) : name
}

/** Whose token it is about: "Claude Code of alice". Null for what is about no token. */
export const describeToken = ({ token }: AuditLogEntry): string | null =>
  token && t.auditWords.tokenOf(token.name, token.ownerName)

/** What changed, a line for each thing; nothing where the title says it all. */
export function describeBody({ event, body }: AuditLogEntry): string[] {
  if (!isEvent(event)) return []
  return wordsFor(event, body).filter((line) => line !== null)
}

type Words<Event extends AuditEvent> = (body: AuditBodies[Event]) => (string | null)[]

const WORDS: { [Event in AuditEvent]: Words<Event> } = {
  'user.pat.created': ({ role, readOnly, grants, expiresAt, pending, issuedVia, issuedTo }) => [
    issuedTo && issuedVia === 'device' ? t.auditWords.forByItsCode(issuedTo.name) : null,
    issuedTo && issuedVia === 'exchange' ? t.auditWords.byInExchangeFor(issuedTo.name) : null,
    atMost(role, readOnly),
    reaches(grants),
    expiresAt === null ? t.auditWords.neverExpires : t.auditWords.expires(formatDate(new Date(expiresAt))),
    pending ? t.auditWords.waitsForAnOwners : null,
  ],
  'user.pat.updated': ({ widened, updates }) => [
    widened ? t.auditWords.itMayDoMore : null,
    ...updates.map(describeUpdate),
  ],
  'user.pat.rotated': ({ successor, graceEndsAt, untilFirstUse }) => [
    t.auditWords.theNewOneBegins(successor.selector),
    graceEndsAt === null ? null : t.auditWords.theOldOneWorks(formatMoment(new Date(graceEndsAt))),
    untilFirstUse ? t.auditWords.theOldOneEnds : null,
  ],
  'user.pat.grace-ended': ({ because }) => [
    { owner: t.auditWords.itsHolderEndedIt, time: t.auditWords.itsTimeWasOver, first_use: t.auditWords.theNewOneWas }[
      because
    ],
  ],
  'user.pat.revoked': ({ reason }) => [
    {
      by_owner: t.auditWords.byItsHolder,
      by_team: t.auditWords.byAnOwnerOf,
      family_revoked: t.auditWords.togetherWithTheTokens,
      leaked: t.auditWords.itsTextHadLeaked,
      by_client: t.auditWords.byTheProgramThat,
      owner_deleted: t.auditWords.itsHoldersAccountWas,
      nothing_left_to_reach: t.auditWords.everythingThatItReached,
    }[reason],
  ],
  'user.pat.expired': ({ expiresAt }) => [t.auditWords.itEnded(formatMoment(new Date(expiresAt)))],
  'user.pat.deleted': ({ endedAt }) => [t.auditWords.itHadEnded(formatMoment(new Date(endedAt)))],
  'user.pat.refused': ({ reason, instance, count: times, since }) => [
    at(instance),
    t.auditWords.becauseOfTheRule(reason.replaceAll('_', ' ')),
    times > 1 ? t.auditWords.timesSince(times, formatMoment(new Date(since))) : null,
  ],
  'user.pat.retired-used': ({ instance, client }) => [at(instance), client && t.auditWords.withWord(client)],
  'user.pat.alarm-dismissed': ({ alarmAt }) => [t.auditWords.theAlarmOf(formatMoment(new Date(alarmAt)))],
  'user.pat.leak-reported': ({ source, url }) => [
    source === 'github' ? t.auditWords.byGithub : t.auditWords.bySomebodyWhoHeld,
    url && t.auditWords.foundAt(url),
  ],
  'user.device.approved': ({ client, address, role, readOnly, grants }) => [
    t.auditWords.atAddress(client.name, address),
    atMost(role, readOnly),
    reaches(grants),
  ],
  'user.device.denied': ({ client, address }) => [t.auditWords.atAddress(client.name, address)],
  'team.oauthClient.created': ({ client }) => [client.name],
  'team.oauthClient.deleted': ({ client }) => [client.name],
  'user.pat.approval-requested': ({ instances, reason }) => [inProduction(instances), `“${reason}”`],
  'user.pat.approval-granted': ({ instances }) => [inProduction(instances)],
  'user.pat.approval-declined': ({ instances, reason }) => [
    inProduction(instances),
    reason === '' ? null : `“${reason}”`,
  ],
  'user.reauthenticated': ({ method }) => [
    method === 'sso' ? t.auditWords.atTheIdentityProvider : t.auditWords.withThePassword,
  ],
  'team.tokenPolicy.updated': ({ updates }) => updates.map(describeUpdate),
  'team.toolRules.updated': ({ instance, updates }) => [
    at(instance),
    ...updates.map(({ key, old, new: rule }) => `${key}: ${describeRule(old)} → ${describeRule(rule)}`),
  ],
  'team.pat.revoked': ({ grants, instance }) => [
    instance ? at(instance) : t.auditWords.inTheWholeTeam,
    reaches(grants),
  ],
  'user.sso.linked': ({ provider, how }) => [
    through(provider),
    { created: t.auditWords.aNewAccount, email: t.auditWords.foundByItsE }[how],
  ],
  'user.sso.signed-in': ({ provider }) => [through(provider)],
  'user.sso.sign-in-withdrawn': ({ provider }) => [through(provider)],
  'user.suspended': ({ provider }) => [through(provider)],
  'user.reinstated': ({ provider }) => [through(provider)],
  'user.session.ended': () => [t.auditWords.theIdentityProviderEnded],
  'team.user.added': ({ user, role, provider }) => [
    t.auditWords.memberAs(user.name, ROLE_NAMES[role]),
    through(provider),
  ],
  'team.user.removed': ({ user, provider }) => [user.name, through(provider)],
  'team.user.role-changed': ({ user, provider, updates }) => [
    user.name,
    ...updates.map(describeUpdate),
    through(provider),
  ],
  'team.user.last-owner-kept': ({ user, provider }) => [t.auditWords.hasLostTheGroup(user.name), through(provider)],
  'platform.sso.provider-created': ({ provider }) => [provider.name],
  'platform.sso.provider-updated': ({ provider }) => [provider.name],
  'platform.sso.provider-deleted': ({ provider }) => [provider.name],
  'platform.sso.scim-token-created': ({ provider }) => [provider.name],
  'platform.sso.scim-token-removed': ({ provider }) => [provider.name],
  'platform.pat.refusals-dropped': ({ count: times, since }) => [
    t.auditWords.refusalsSince(times, formatMoment(new Date(since))),
  ],
}

/** The contract says which body belongs to which event; the wire carries the two side by side. */
const wordsFor = <Event extends AuditEvent>(event: Event, body: Record<string, unknown>): (string | null)[] =>
  WORDS[event](body as unknown as AuditBodies[Event])

const at = (instance: { name: string } | null): string | null => instance && t.auditWords.atInstance(instance.name)

const atMost = (role: Role, readOnly: boolean): string =>
  (readOnly ? t.auditWords.readsAs : t.auditWords.writesAs)(ROLE_NAMES[role])

const through = ({ name }: { name: string }): string => t.auditWords.through(name)

const inProduction = (instances: { name: string }[]): string | null =>
  instances.length === 0 ? null : t.auditWords.production(instances.map(({ name }) => name).join(', '))

/** Entries hold no names of what is reached: numbers tell how far it goes. */
function reaches(grants: Grant[]): string | null {
  const number = (wanted: GrantType) => grants.filter(({ type }) => type === wanted).length
  const parts = [
    number('team') > 0 ? t.auditWords.theWholeTeam : '',
    number('application') > 0 ? t.auditWords.applications(number('application')) : '',
    number('instance') > 0 ? t.auditWords.instances(number('instance')) : '',
  ].filter(Boolean)
  return parts.length === 0 ? null : t.auditWords.reaches(parts.join(', '))
}

function describeUpdate(update: AuditUpdate): string {
  const { key } = update
  if (!isPolicyField(key)) return `${key}: ${plain(update.old)} → ${plain(update.new)}`

  const [before, after] = [update.old, update.new].map((value) => describeValue(key, value as TokenPolicy[typeof key]))
  return `${POLICY_FIELDS[key]}: ${before} → ${after}`
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return t.auditWords.things(value.length)
  if (typeof value === 'boolean') return value ? t.auditWords.yes : t.auditWords.no
  return value === null || value === '' ? t.auditWords.nothing : String(value)
}
