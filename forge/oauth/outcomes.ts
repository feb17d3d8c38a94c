import type { RuleName } from '../access/rules.ts'
import { ForgeError } from '../errors/forge-error.ts'

/** What introspection may come to: active, why a token is refused in coarse words, or why there is no answer. */
const OUTCOMES = {
  active: 'active',
  unknown: 'refused',
  revoked: 'refused',
  replaced: 'refused',
  expired: 'refused',
  gone: 'refused',
  'other-instance': 'refused',
  suspended: 'refused',
  'no-role': 'refused',
  'cut-off': 'refused',
  policy: 'refused',
  'sign-in': 'refused',
  other: 'refused',
  unavailable: 'error',
  fault: 'error',
} as const

export type Outcome = keyof typeof OUTCOMES

/** How often each has come up so far. */
export type Outcomes = Record<Outcome, number>

export function countOutcomes(): Outcomes {
  return Object.fromEntries(Object.keys(OUTCOMES).map((name) => [name, 0])) as Outcomes
}

/** The counts as the metrics have them: three results, and the reasons within them. */
export function listOutcomes(outcomes: Outcomes): { result: string; reason: string; count: number }[] {
  return Object.entries(OUTCOMES).map(([name, result]) => ({
    result,
    reason: name === 'active' ? 'none' : name,
    count: outcomes[name as Outcome],
  }))
}

const BY_RULE: Partial<Record<RuleName, Outcome>> = {
  token_not_revoked: 'revoked',
  token_not_retired: 'replaced',
  token_not_expired: 'expired',
  parent_alive: 'revoked',
  instance_exists: 'gone',
  instance_granted: 'other-instance',
  user_not_suspended: 'suspended',
  team_not_suspended: 'suspended',
  team_member: 'no-role',
  role_in_application: 'no-role',
  not_cut_off: 'cut-off',
  policy_enabled: 'policy',
  policy_grant_type: 'policy',
  policy_lifetime: 'policy',
  policy_expiry: 'policy',
  policy_approval: 'policy',
  sso_fresh: 'sign-in',
}

/** The rule that refused, in coarse words. */
export function outcomeOfRule(rule: RuleName | undefined): Outcome {
  return (rule && BY_RULE[rule]) ?? 'other'
}

/** Why there was no answer: a forge that is busy or without its database says so; anything else is a fault. */
export function outcomeOfError(error: unknown): Outcome {
  return error instanceof ForgeError && error.code === 'unavailable' ? 'unavailable' : 'fault'
}
