import type { ExplainToken } from '@contract/explain.ts'
import type { Token } from '@contract/token.ts'

import { includedIn, keyOf, type Target } from './reach.ts'

/** What each rule of the access decision asks. A rule that is not listed is shown by its own name. */
const RULES: Partial<Record<string, string>> = {
  token_not_revoked: 'The token was not revoked',
  token_not_retired: 'It was not replaced by a new one',
  token_not_expired: 'It has not expired',
  instance_exists: 'The instance exists',
  instance_granted: 'The token reaches the instance',
  user_not_suspended: 'You are not suspended',
  team_not_suspended: 'The team is not suspended',
  team_member: 'You are a member of the team',
  role_in_application: 'You have a role in the application',
  not_cut_off: 'No owner has ended it there',
  policy_enabled: 'The team allows tokens',
  policy_grant_type: 'The team allows it to be named in this way',
  policy_lifetime: 'It is not older than the team allows',
  policy_expiry: 'It ends some day, or need not',
  policy_approval: 'It is approved for production, or needs no approval',
  tool_role: 'Its role is enough for the tool, where it calls one',
  tool_read_only: 'That tool only reads, or the token may write',
}

export const ruleInWords = (rule: string): string => RULES[rule] ?? rule.replaceAll('_', ' ')

/** What somebody may want to do with it. */
export const USES: readonly { key: string; label: string; tool: ExplainToken['tool'] }[] = [
  { key: 'any', label: 'Anything at all', tool: undefined },
  { key: 'read', label: 'Call a tool that only reads', tool: { readOnlyHint: true } },
  { key: 'write', label: 'Call a tool that changes things', tool: { readOnlyHint: false, destructiveHint: false } },
  { key: 'destroy', label: 'Call a tool that can destroy', tool: { readOnlyHint: false, destructiveHint: true } },
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
      ...lost.map(({ id, name }) => ({ id, name: name ?? 'An instance that is gone' })),
    ],
    beyond: instances.filter((target) => !isWithin(target)).map(placeOf),
  }
}

const placeOf = ({ id, name, within }: Target): Place => ({ id, name: `${name} (${within[0]?.name ?? ''})` })
