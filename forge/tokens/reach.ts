import { ROLE_LEVELS, roleFromLevel, type Role } from '../contract/role.ts'
import type { Grant, TokenTargets } from '../contract/token.ts'
import type { Membership } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'

/** What a person may put into a grant now: teams that are not suspended, and applications where they have a role. */
export function targetsOf(memberships: Membership[]): TokenTargets {
  return {
    teams: memberships.flatMap(({ team, roleLevel, applications }) => {
      const role = roleFromLevel(roleLevel)
      if (!role || team.suspended) return []

      return {
        id: team.id,
        name: team.name,
        role,
        applications: applications.flatMap((application) => {
          const applicationRole = roleFromLevel(application.roleLevel)
          if (!applicationRole) return []
          return { id: application.id, name: application.name, role: applicationRole, instances: application.instances }
        }),
      }
    }),
  }
}

/**
 * Refuses grants that the person does not reach, and a cap above the highest role that they hold there.
 * @throws {ForgeError} not_found, role_too_high
 */
export function checkReach(targets: TokenTargets, grants: Grant[], cap: Role): void {
  const held = grants.map((grant) => {
    const role = highestRole(targets, grant)
    if (!role) throw new ForgeError('not_found', `There is no such ${grant.type} that you have a role in.`)
    return role
  })

  const highest = held.reduce((a, b) => (ROLE_LEVELS[b] > ROLE_LEVELS[a] ? b : a))
  if (ROLE_LEVELS[cap] > ROLE_LEVELS[highest]) {
    throw new ForgeError('role_too_high', `A token can be no more than you are: your role there is ${highest}.`)
  }
}

/** The highest role that the person holds anywhere below the target; null when it is out of reach. */
function highestRole({ teams }: TokenTargets, { type, id }: Grant): Role | null {
  const applications = teams.flatMap((team) => team.applications)

  switch (type) {
    case 'instance':
      return applications.find(({ instances }) => instances.some((instance) => instance.id === id))?.role ?? null
    case 'application':
      return applications.find((application) => application.id === id)?.role ?? null
    case 'team': {
      const team = teams.find((each) => each.id === id)
      if (!team) return null
      const roles = [team.role, ...team.applications.map(({ role }) => role)]
      return roles.reduce((a, b) => (ROLE_LEVELS[b] > ROLE_LEVELS[a] ? b : a))
    }
  }
}
