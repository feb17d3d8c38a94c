import type { GrantType } from '@contract/grant.ts'
import type { PolicyEffect, PolicyImpact } from '@contract/oversight.ts'
import type { TokenPolicy } from '@contract/policy.ts'

import { ROLE_NAMES } from './roles.ts'
import { t } from '../messages/messages.ts'

export type PolicyField = keyof TokenPolicy

/** The fields in the order in which they are read, each with what it is called. */
export const POLICY_FIELDS: Record<PolicyField, string> = {
  enabled: t.policyWords.tokensInThisTeam,
  maxRole: t.policyWords.highestRole,
  readOnlyOnly: t.policyWords.readOnly,
  mcpOnly: t.policyWords.mcpOnly,
  grantTypes: t.policyWords.howFarTokensReach,
  maxLifetimeDays: t.policyWords.longestLife,
  allowNoExpiry: t.policyWords.tokensWithoutAnEnd,
  productionNeedsApproval: t.policyWords.approvalForProduction,
  ssoFreshnessDays: t.policyWords.signInThroughThe,
}

const GRANT_TYPES: Record<GrantType, string> = {
  instance: t.policyWords.singleInstances,
  application: t.policyWords.wholeApplications,
  team: t.policyWords.theWholeTeam,
}

/** Each value in words, short enough for "before → after". */
const WORDS: { [Field in PolicyField]: (value: TokenPolicy[Field]) => string } = {
  enabled: (on) => (on ? t.policyWords.allowed : t.policyWords.notAllowed),
  maxRole: (role) => ROLE_NAMES[role],
  readOnlyOnly: (on) => (on ? t.policyWords.isReadOnly : t.policyWords.mayWrite),
  mcpOnly: (on) => (on ? t.policyWords.mcpEndpointsOnly : t.policyWords.everyAddress),
  grantTypes: (types) =>
    GRANT_TYPE_ORDER.filter((type) => types.includes(type))
      .map((type) => GRANT_TYPES[type])
      .join(', '),
  maxLifetimeDays: (days) => t.policyWords.days(days),
  allowNoExpiry: (on) => (on ? t.policyWords.allowed : t.policyWords.notAllowed),
  productionNeedsApproval: (on) => (on ? t.policyWords.needed : t.policyWords.notNeeded),
  ssoFreshnessDays: (days) => (days === null ? t.policyWords.within30Days : t.policyWords.withinDays(days)),
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
  stopped: t.policyWords.stops,
  limited: t.policyWords.mayDoLess,
  widened: t.policyWords.mayDoMore,
}

/** "14 tokens of 6 people; 3 stop now, 9 may do less, 2 may do more." */
export function describeImpact(impact: PolicyImpact): string {
  if (impact.tokens === 0) return t.policyWords.noTokenThatIs

  const parts = [
    impact.stoppedNow > 0 && t.policyWords.someStopNow(impact.stoppedNow),
    impact.limitedNow > 0 && t.policyWords.someMayDoLess(impact.limitedNow),
    impact.widenedNow > 0 && t.policyWords.someMayDoMore(impact.widenedNow),
  ].filter(Boolean)
  return t.policyWords.tokensOf(impact.tokens, impact.people, parts.join(', '))
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
    [POLICY_CONTROLS.grantTypes]: grantTypes.length === 0 ? t.policyWords.chooseAtLeastOne : null,
    [POLICY_CONTROLS.maxLifetimeDays]: checkDays(maxLifetimeDays),
    [POLICY_CONTROLS.ssoFreshnessDays]: ssoFreshnessDays === null ? null : checkDays(ssoFreshnessDays),
  }
}

/** An empty field is NaN. */
const checkDays = (days: number): string | null =>
  Number.isInteger(days) && days >= 1 && days <= 366 ? null : t.policyWords.enterAWholeNumber
