import { lowerRole, ROLE_LEVELS } from '@contract/role-levels.ts'
import type { Role } from '@contract/role.ts'
import type { Token } from '@contract/token.ts'

import { keyOf, type Target } from './reach.ts'

/**
 * What a token is worth now, over all that it names: the lowest of its cap, the person's own role and the team's rule.
 * Only for the list, where asking the forge about each instance would take a call each: what is decided at a use, the
 * forge explains.
 */
export interface Worth {
  /** The most that it is anywhere; null when it reaches nothing now. */
  highest: Role | null
  /** The least that it is anywhere. */
  lowest: Role | null
  readOnly: boolean
  /** Whether it is less than its cap everywhere, or in some places. */
  capped: 'everywhere' | 'somewhere' | 'nowhere'
}

const NOTHING: Worth = { highest: null, lowest: null, readOnly: true, capped: 'everywhere' }

/** As it is written down: where it has ended, or nobody knows yet what the person may reach. */
export const ownWorth = ({ role, readOnly }: Pick<Token, 'role' | 'readOnly'>): Worth => ({
  highest: role,
  lowest: role,
  readOnly,
  capped: 'nowhere',
})

/** @param byKey everything that the person may reach, by its key */
export function worthOf(token: Pick<Token, 'role' | 'readOnly' | 'grants'>, byKey: ReadonlyMap<string, Target>): Worth {
  const places = token.grants.map((grant) => byKey.get(keyOf(grant)) ?? null)
  const reached = places.filter((place) => place !== null && place.team.policy.enabled) as Target[]
  const roles = reached
    .map(({ role, team }) => lowerRole(token.role, lowerRole(role, team.policy.maxRole)))
    .sort((a, b) => ROLE_LEVELS[a] - ROLE_LEVELS[b])
  const [lowest] = roles
  const highest = roles.at(-1)
  if (lowest === undefined || highest === undefined) return NOTHING

  const readOnly = token.readOnly || reached.every(({ team }) => team.policy.readOnlyOnly)
  return { highest, lowest, readOnly, capped: cappedWhere({ highest, lowest, cap: token.role }) }
}

function cappedWhere({ highest, lowest, cap }: Record<'highest' | 'lowest' | 'cap', Role>): Worth['capped'] {
  if (highest !== cap) return 'everywhere'
  return lowest === cap ? 'nowhere' : 'somewhere'
}
