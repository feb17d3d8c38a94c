import { roleFromLevel, type Role } from '../contract/role.ts'
import {
  effectiveLevel,
  isReadOnly,
  LIVE_RULES,
  TOKEN_RULES,
  type LiveQuestion,
  type Question,
  type Rule,
  type RuleName,
} from './rules.ts'

/** One rule that was looked at; `reason` says why it refused. */
export interface LookedAt {
  readonly rule: RuleName
  readonly reason: string | null
}

/** Allow carries what the token is worth here now; deny ends with the rule that refused. */
export type Decision =
  { allowed: true; role: Role; readOnly: boolean; mcpOnly: boolean; rules: readonly LookedAt[] } | Denial

interface Denial {
  allowed: false
  rules: readonly LookedAt[]
}

/** All rules, as they are told when they hold. */
const HELD: readonly LookedAt[] = [...TOKEN_RULES, ...LIVE_RULES].map(({ name }) => ({ rule: name, reason: null }))

/**
 * THE access decision: whether a token may be used at an instance now, and as what. Pure. Introspection and every
 * preview or explanation ask here, so that they cannot disagree.
 */
export function decide(question: Question): Decision {
  const living = question as LiveQuestion // by the time of LIVE_RULES `instance_exists` has held
  const denial = firstDenial(TOKEN_RULES, question, 0) ?? firstDenial(LIVE_RULES, living, TOKEN_RULES.length)
  if (denial) return denial

  const role = roleFromLevel(effectiveLevel(living))
  if (!role) return { allowed: false, rules: HELD } // cannot be: both levels are known ones by now
  return { allowed: true, role, readOnly: isReadOnly(living), mcpOnly: living.live.policy.mcpOnly, rules: HELD }
}

/** @param before how many rules have held already */
function firstDenial<Q>(rules: readonly Rule<Q>[], question: Q, before: number): Denial | null {
  const index = rules.findIndex(({ refuse }) => refuse(question) !== null)
  const rule = rules[index]
  if (!rule) return null
  return {
    allowed: false,
    rules: [...HELD.slice(0, before + index), { rule: rule.name, reason: rule.refuse(question) }],
  }
}
