import type { Grant, GrantType } from '../contract/grant.ts'
import type { TokenPolicy } from '../contract/policy.ts'
import { higherRole, roleFromLevel, type Role } from '../contract/role.ts'
import type { TokenTargets } from '../contract/targets.ts'
import { freshUntil } from '../access/sso.ts'
import type { Membership, SsoStanding } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'

type Team = TokenTargets['teams'][number]

/**
 * What a person may put into a grant now: teams that are not suspended, and applications where they have a role.
 * @param providerId the identity provider that they came through, if any
 */
export function targetsOf(
  memberships: Membership[],
  policies: Map<string, TokenPolicy>,
  providerId: string | null = null,
): TokenTargets {
  return {
    teams: memberships.flatMap(({ team: { id, name, suspended }, sso, roleLevel, applications }) => {
      const role = roleFromLevel(roleLevel)
      const policy = policies.get(id)
      if (!role || !policy || suspended) return []

      const reachable = applications.flatMap(({ roleLevel: level, ...application }) => {
        const applicationRole = roleFromLevel(level)
        return applicationRole ? [{ ...application, role: applicationRole }] : []
      })
      return [{ id, name, role, policy, sso: sso ? present(sso, policy, providerId) : null, applications: reachable }]
    }),
  }
}

function present(sso: SsoStanding, policy: TokenPolicy, providerId: string | null): Team['sso'] {
  const until = freshUntil(sso, policy)
  return {
    provider: sso.provider,
    thisSession: sso.provider.id === providerId,
    freshUntil: until === null ? null : new Date(until).toISOString(),
  }
}

/** What grants come to in one team. */
export interface TeamReach {
  team: Team
  grants: Grant[]
  /** The highest role that the person holds in what the grants reach. */
  role: Role
  /** An instance marked production is among what they reach now. */
  production: boolean
}

/**
 * What grants reach for a person, team by team.
 * @throws {ForgeError} not_found for a grant that the person does not reach
 */
export function reachOf(targets: TokenTargets, grants: readonly Grant[]): TeamReach[] {
  const teams = new Map<string, TeamReach>()

  for (const grant of grants) {
    const reached = resolve(targets, grant)
    if (!reached) throw new ForgeError('not_found', `There is no such ${grant.type} that you have a role in.`)

    const before = teams.get(reached.team.id)
    teams.set(reached.team.id, {
      team: reached.team,
      grants: [...(before?.grants ?? []), grant],
      role: before ? higherRole(before.role, reached.role) : reached.role,
      production: reached.production || before?.production === true,
    })
  }
  return [...teams.values()]
}

/** The instances that grants reach now, each once. */
export function instancesOf({ teams }: TokenTargets, grants: readonly Grant[]) {
  const named = (type: GrantType, id: string) => grants.some((grant) => grant.type === type && grant.id === id)

  return teams.flatMap((team) =>
    team.applications.flatMap(({ id, instances }) =>
      named('team', team.id) || named('application', id)
        ? instances
        : instances.filter((instance) => named('instance', instance.id)),
    ),
  )
}

/** Whether the person reaches what a grant names. */
export function isReached(targets: TokenTargets, grant: Grant): boolean {
  return resolve(targets, grant) !== null
}

/** The id of the team that all of the grants are in; null when there are several, or one that the person does not reach. */
export function onlyTeamOf(targets: TokenTargets, grants: readonly Grant[]): string | null {
  const teams = new Set(grants.map((grant) => resolve(targets, grant)?.team.id ?? null))
  const [only = null] = teams
  return teams.size === 1 ? only : null
}

/** Whether everything that `grant` reaches, now and later, is reached by one of `grants`. */
export function isCovered(targets: TokenTargets, grants: readonly Grant[], { type, id }: Grant): boolean {
  const names = (grantType: GrantType, grantId: string | undefined) =>
    grants.some((grant) => grant.type === grantType && grant.id === grantId)
  if (names(type, id)) return true
  if (type === 'team') return false

  const found = targets.teams.flatMap((team) => {
    const application = team.applications.find((each) =>
      type === 'application' ? each.id === id : each.instances.some((instance) => instance.id === id),
    )
    return application ? { team, application } : []
  })[0]
  return names('team', found?.team.id) || (type === 'instance' && names('application', found?.application.id))
}

interface Reached {
  team: Team
  role: Role
  production: boolean
}

function resolve({ teams }: TokenTargets, { type, id }: Grant): Reached | null {
  for (const team of teams) {
    if (type === 'team' && team.id === id) {
      const roles = team.applications.map(({ role }) => role)
      const instances = team.applications.flatMap((application) => application.instances)
      return {
        team,
        role: roles.reduce(higherRole, team.role),
        production: instances.some(({ production }) => production),
      }
    }

    for (const { id: applicationId, role, instances } of team.applications) {
      if (type === 'application' && applicationId === id) {
        return { team, role, production: instances.some(({ production }) => production) }
      }
      const instance = type === 'instance' && instances.find((each) => each.id === id)
      if (instance) return { team, role, production: instance.production }
    }
  }
  return null
}
