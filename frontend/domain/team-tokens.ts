import type { Holder, TeamToken, TeamTokenQuery } from '@contract/oversight.ts'
import { ROLES } from '@contract/role-levels.ts'
import type { TokenState } from '@contract/token.ts'

import { DAY_MS } from './dates.ts'
import { ROLE_NAMES } from './roles.ts'
import { t } from '../messages/messages.ts'

export const UNUSED_DAYS = 30
const TOKENS_PAGE = 50

/** What is chosen in the filters, as the address has it; empty for no choice. */
export type TeamTokenFilters = Record<'state' | 'holder' | 'role' | 'unused' | 'query', string>

export const NO_TOKEN_FILTERS: TeamTokenFilters = { state: 'working', holder: '', role: '', unused: '', query: '' }

/** The states by what an owner looks for; the first is what they see on arrival. */
export const STATE_CHOICES: readonly { value: string; label: string; states: TokenState[] }[] = [
  { value: 'working', label: t.teamTokensWords.notEnded, states: ['active', 'retiring'] },
  { value: 'retiring', label: t.teamTokensWords.beingReplaced, states: ['retiring'] },
  { value: 'retired', label: t.teamTokensWords.replaced, states: ['retired'] },
  { value: 'expired', label: t.teamTokensWords.expired, states: ['expired'] },
  { value: 'revoked', label: t.teamTokensWords.revoked, states: ['revoked'] },
  { value: 'any', label: t.teamTokensWords.any, states: [] },
]

/** What to ask the forge for. An address that somebody has edited by hand narrows by what can be understood. */
export function tokenQuery(filters: TeamTokenFilters, now: number): TeamTokenQuery {
  const states = STATE_CHOICES.find(({ value }) => value === filters.state)?.states ?? []
  const role = ROLES.find((each) => each === filters.role)
  return {
    limit: TOKENS_PAGE,
    ...(states.length > 0 ? { state: states } : {}),
    ...(filters.holder === '' ? {} : { holder: filters.holder }),
    ...(role ? { role } : {}),
    ...(filters.unused === '' ? {} : { unusedSince: new Date(now - UNUSED_DAYS * DAY_MS).toISOString() }),
    ...(filters.query === '' ? {} : { query: filters.query }),
  }
}

/** A person by name, or what is left of them. */
export const holderName = ({ name, username }: Holder): string => name ?? username ?? t.teamTokensWords.aPersonWhoIs

/** What a token is worth in the team at this moment. */
export function describeAccess({ access }: Pick<TeamToken, 'access'>): string {
  if (!access.allowed) return t.teamTokensWords.nothing
  return ROLE_NAMES[access.role]
}

/** Its limits beside the role; null where there are none, or nothing is left to limit. */
export function describeLimits({ access }: Pick<TeamToken, 'access'>): string | null {
  if (!access.allowed) return null
  const limits = [
    access.readOnly ? t.teamTokensWords.readOnly : t.teamTokensWords.mayWrite,
    access.mcpOnly ? t.teamTokensWords.mcpOnly : '',
  ].filter(Boolean)
  return limits.join(', ')
}

/** Whether an owner can still end it here. */
export const canBeCut = ({ state, cutOff }: Pick<TeamToken, 'state' | 'cutOff'>): boolean =>
  !cutOff && (state === 'active' || state === 'retiring')
