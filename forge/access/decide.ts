import { roleFromLevel, type Role } from '../contract/role.ts'
import {
  effectiveLevel,
  isReadOnly,
  LIVE_RULES,
  TOKEN_RULES,
  type LiveQuestion,
  type Question,
  type RuleName,
} from './rules.ts'

/** One rule that was looked at; `reason` says why it refused. */
export interface LookedAt {
  rule: RuleName
  reason: string | null
}

/** Allow carries what the token is worth here now; deny ends with the rule that refused. */
export type Decision =
  | { allowed: true; role: Role; readOnly: boolean; mcpOnly: boolean; rules: LookedAt[] }
  | { allowed: false; rules: LookedAt[] }

/**
 * THE access decision: whether a token may be used at an instance now, and as what. Pure. Introspection and every
 * preview or explanation ask here, so that they cannot disagree.
 */
export function decide(question: Question): Decision {
  const rules: LookedAt[] = []

  for (const { name, refuse } of TOKEN_RULES) {
    const reason = refuse(question)
    rules.push({ rule: name, reason })
    if (reason) return { allowed: false, rules }
  }

  const living = question as LiveQuestion // `instance_exists` has just held
  for (const { name, refuse } of LIVE_RULES) {
    const reason = refuse(living)
    rules.push({ rule: name, reason })
    if (reason) return { allowed: false, rules }
  }

  const role = roleFromLevel(effectiveLevel(living))
  if (!role) return { allowed: false, rules } // cannot be: both levels are known ones by now
  return { allowed: true, role, readOnly: isReadOnly(living), mcpOnly: living.live.policy.mcpOnly, rules }
}
