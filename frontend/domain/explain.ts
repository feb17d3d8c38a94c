import type { ExplainToken } from '@contract/explain.ts'
import type { Token } from '@contract/token.ts'

import { includedIn, keyOf, type Target } from './reach.ts'
import { t } from '../messages/messages.ts'

/** What each rule of the access decision asks. A rule that is not listed is shown by its own name. */
const RULES: Partial<Record<string, string>> = {
  token_not_revoked: t.explainWords.theTokenWasNot,
  token_not_retired: t.explainWords.itWasNotReplaced,
  token_not_expired: t.explainWords.itHasNotExpired,
  instance_exists: t.explainWords.theInstanceExists,
  instance_granted: t.explainWords.theTokenReachesThe,
  user_not_suspended: t.explainWords.youAreNotSuspended,
  team_not_suspended: t.explainWords.theTeamIsNot,
  team_member: t.explainWords.youAreAMember,
  role_in_application: t.explainWords.youHaveARole,
  not_cut_off: t.explainWords.noOwnerHasEnded,
  policy_enabled: t.explainWords.theTeamAllowsTokens,
  policy_grant_type: t.explainWords.theTeamAllowsIt,
  policy_lifetime: t.explainWords.itIsNotOlder,
  policy_expiry: t.explainWords.itEndsSomeDay,
  policy_approval: t.explainWords.itIsApprovedFor,
  tool_role: t.explainWords.itsRoleIsEnough,
  tool_read_only: t.explainWords.thatToolOnlyReads,
}

export const ruleInWords = (rule: string): string => RULES[rule] ?? rule.replaceAll('_', ' ')

/** What somebody may want to do with it. */
export const USES: readonly { key: string; label: string; tool: ExplainToken['tool'] }[] = [
  { key: 'any', label: t.explainWords.anythingAtAll, tool: undefined },
  { key: 'read', label: t.explainWords.callAReadingTool, tool: { readOnlyHint: true } },
  { key: 'write', label: t.explainWords.callAChangingTool, tool: { readOnlyHint: false, destructiveHint: false } },
  { key: 'destroy', label: t.explainWords.callADestroyingTool, tool: { readOnlyHint: false, destructiveHint: true } },
]

export interface Place {
  id: string
  name: string
}

/** The instances that can be asked about: those in the token's reach first, then the person's others. */
export function placesOf(token: Token, targets: readonly Target[]): { within: Place[]; beyond: Place[] } {
  const named = new Set(token.grants.map(keyOf))
  const instances = targets.filter(({ type }) => type === 'instance')
  const isWithin = (target: Target) => named.has(target.key) || includedIn(target, named) !== null
  const known = new Set(instances.map(({ key }) => key))
  const lost = token.grants.filter((grant) => grant.type === 'instance' && !known.has(keyOf(grant)))

  return {
    within: [
      ...instances.filter(isWithin).map(placeOf),
      ...lost.map(({ id, name }) => ({ id, name: name ?? t.explainWords.anInstanceThatIs })),
    ],
    beyond: instances.filter((target) => !isWithin(target)).map(placeOf),
  }
}

const placeOf = ({ id, name, within }: Target): Place => ({ id, name: `${name} (${within[0]?.name ?? ''})` })
