import type { GrantType } from '@contract/grant.ts'
import type { TokenPolicy } from '@contract/policy.ts'
import type { Role } from '@contract/role.ts'
import { TOKEN_LIFETIME_DAYS } from '@contract/token-lifetime.ts'

import { highestRole, type Target } from './reach.ts'
import { isAbove, ROLE_NAMES } from './roles.ts'
import { t } from '../messages/messages.ts'

/** What the person's own roles and the rules of every team that is reached leave to choose, with the reasons. */
export interface Limits {
  /** Each with the highest role that it leaves. */
  roles: readonly { highest: Role; reason: string }[]
  /** Why the token must be read-only; empty when it need not be. */
  readOnly: string
  days: { most: number; reason: string }
  /** Why it must end some day; empty when it may live for ever. */
  end: string
  /** Names of the teams whose owners must approve it for production. */
  approvers: readonly string[]
}

type Team = Target['team']

/** @param chosen what the token shall reach */
export function limitsOf(chosen: readonly Target[]): Limits {
  const teams = [...new Map(chosen.map(({ team }) => [team.id, team])).values()]
  const strictest = [...teams].sort((a, b) => a.policy.maxLifetimeDays - b.policy.maxLifetimeDays)[0]
  const wantsEnd = teams.find(({ policy }) => !policy.allowNoExpiry)
  const readOnly = teams.find(({ policy }) => policy.readOnlyOnly)
  const asked = chosen.filter(({ production, team }) => production && team.policy.productionNeedsApproval)

  return {
    roles: [...ownRole(chosen), ...teams.map(roleOfTeam)],
    readOnly: readOnly ? t.limitsWords.allowsReadOnlyTokens(readOnly.name) : '',
    days: {
      most: strictest?.policy.maxLifetimeDays ?? TOKEN_LIFETIME_DAYS.max,
      reason: strictest ? t.limitsWords.endsTokensAfterDays(strictest.name, strictest.policy.maxLifetimeDays) : '',
    },
    end: endReason(teams, wantsEnd),
    approvers: [...new Set(asked.map(({ team }) => team.name))],
  }
}

function ownRole(chosen: readonly Target[]): Limits['roles'] {
  const highest = highestRole(chosen)
  return highest === null ? [] : [{ highest, reason: t.limitsWords.youAreThere(ROLE_NAMES[highest]) }]
}

const roleOfTeam = ({ name, policy: { maxRole } }: Team) => ({
  highest: maxRole,
  reason: t.limitsWords.allowsNoMoreThan(name, ROLE_NAMES[maxRole]),
})

function endReason(teams: readonly Team[], wantsEnd: Team | undefined): string {
  if (teams.length === 0) return t.limitsWords.chooseFirstWhatIt
  return wantsEnd ? t.limitsWords.wantsEveryTokenTo(wantsEnd.name) : ''
}

/** Why a token cannot have this role; empty when it can. */
export const roleRefusal = ({ roles }: Pick<Limits, 'roles'>, role: Role): string =>
  roles.find(({ highest }) => isAbove(role, highest))?.reason ?? ''

/** The highest role that all limits leave; null as long as none holds. */
export function highestAllowed({ roles }: Pick<Limits, 'roles'>): Role | null {
  const [first, ...rest] = roles.map(({ highest }) => highest)
  return first === undefined ? null : rest.reduce((low, role) => (isAbove(low, role) ? role : low), first)
}

/** Why a target cannot be chosen; empty when it can. */
export function targetRefusal({
  type,
  team,
}: {
  type: GrantType
  team: { name: string; policy: TokenPolicy }
}): string {
  if (!team.policy.enabled) return t.limitsWords.doesNotAllowTokens(team.name)
  return team.policy.grantTypes.includes(type) ? '' : t.limitsWords.doesNotAllow[type](team.name)
}
