import type { GrantType } from '@contract/grant.ts'
import type { PolicyEffect, PolicyImpact } from '@contract/oversight.ts'
import type { TokenPolicy } from '@contract/policy.ts'

import { count } from './counts.ts'
import { formatNumber } from './dates.ts'
import { ROLE_NAMES } from './roles.ts'

export type PolicyField = keyof TokenPolicy

/** The fields in the order in which they are read, each with what it is called. */
export const POLICY_FIELDS: Record<PolicyField, string> = {
  enabled: 'Tokens in this team',
  maxRole: 'Highest role',
  readOnlyOnly: 'Read-only',
  mcpOnly: 'MCP only',
  grantTypes: 'What tokens may name',
  maxLifetimeDays: 'Longest life',
  allowNoExpiry: 'Tokens without an end',
  productionNeedsApproval: 'Approval for production',
  ssoFreshnessDays: 'Sign-in through the identity provider',
}

const GRANT_TYPES: Record<GrantType, string> = {
  instance: 'single instances',
  application: 'whole applications',
  team: 'the whole team',
}

/** Each value in words, short enough for "before → after". */
const WORDS: { [Field in PolicyField]: (value: TokenPolicy[Field]) => string } = {
  enabled: (on) => (on ? 'allowed' : 'not allowed'),
  maxRole: (role) => ROLE_NAMES[role],
  readOnlyOnly: (on) => (on ? 'read-only' : 'may write'),
  mcpOnly: (on) => (on ? 'MCP endpoints only' : 'every address'),
  grantTypes: (types) =>
    GRANT_TYPE_ORDER.filter((type) => types.includes(type))
      .map((type) => GRANT_TYPES[type])
      .join(', '),
  maxLifetimeDays: (days) => count(days, 'day'),
  allowNoExpiry: (on) => (on ? 'allowed' : 'not allowed'),
  productionNeedsApproval: (on) => (on ? 'needed' : 'not needed'),
  ssoFreshnessDays: (days) => (days === null ? 'within 30 days' : `within ${count(days, 'day')}`),
}

export const GRANT_TYPE_ORDER: readonly GrantType[] = ['instance', 'application', 'team']

/** A value of one field in words. */
export const describeValue = <Field extends PolicyField>(field: Field, value: TokenPolicy[Field]): string =>
  WORDS[field](value)

export const isPolicyField = (key: string): key is PolicyField => Object.hasOwn(POLICY_FIELDS, key)

/** The fields in which two policies differ. The order of a list says nothing. */
export function differingFields(a: TokenPolicy, b: TokenPolicy): PolicyField[] {
  const fields = Object.keys(POLICY_FIELDS).filter(isPolicyField)
  return fields.filter((field) => comparable(a[field]) !== comparable(b[field]))
}

const comparable = (value: TokenPolicy[PolicyField]): string =>
  Array.isArray(value) ? [...value].sort().join(' ') : String(value)

export const EFFECT_NAMES: Record<PolicyEffect, string> = {
  stopped: 'Stops',
  limited: 'May do less',
  widened: 'May do more',
}

/** "14 tokens of 6 people; 3 stop now, 9 may do less, 2 may do more." */
export function describeImpact(impact: PolicyImpact): string {
  if (impact.tokens === 0) return 'No token that is in use changes.'

  const people = impact.people === 1 ? '1 person' : `${formatNumber(impact.people)} people`
  const parts = [
    impact.stoppedNow > 0 && `${formatNumber(impact.stoppedNow)} ${impact.stoppedNow === 1 ? 'stops' : 'stop'} now`,
    impact.limitedNow > 0 && `${formatNumber(impact.limitedNow)} may do less`,
    impact.widenedNow > 0 && `${formatNumber(impact.widenedNow)} may do more`,
  ].filter(Boolean)
  return `${count(impact.tokens, 'token')} of ${people}; ${parts.join(', ')}.`
}

/** Controls of the form that can be filled in wrongly, by their ids. */
export const POLICY_CONTROLS = {
  grantTypes: 'policy-grant-instance',
  maxLifetimeDays: 'policy-lifetime',
  ssoFreshnessDays: 'policy-freshness',
} as const

/** What is wrong with each of them, by its id; null for what is right. */
export function checkPolicy({ grantTypes, maxLifetimeDays, ssoFreshnessDays }: TokenPolicy) {
  return {
    [POLICY_CONTROLS.grantTypes]: grantTypes.length === 0 ? 'Choose at least one, or allow no tokens at all.' : null,
    [POLICY_CONTROLS.maxLifetimeDays]: checkDays(maxLifetimeDays),
    [POLICY_CONTROLS.ssoFreshnessDays]: ssoFreshnessDays === null ? null : checkDays(ssoFreshnessDays),
  }
}

/** An empty field is NaN. */
const checkDays = (days: number): string | null =>
  Number.isInteger(days) && days >= 1 && days <= 366 ? null : 'Enter a whole number from 1 to 366.'
