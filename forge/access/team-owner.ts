import { ROLE_LEVELS } from '../contract/role.ts'
import type { Directory, TeamTree } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'

/** Lets the owners of a team pass. @throws {ForgeError} not_found for everybody else */
export async function requireTeamOwner(directory: Directory, userId: string, teamId: string): Promise<void> {
  const memberships = await directory.memberships(userId)
  const owned = memberships.some(({ team, roleLevel }) => team.id === teamId && roleLevel >= ROLE_LEVELS.owner)
  if (!owned) throw noSuchTeam()
}

/** A team, for its owners. @throws {ForgeError} not_found for everybody else */
export async function findOwnedTeam(directory: Directory, userId: string, teamId: string): Promise<TeamTree> {
  const [team, [member]] = await Promise.all([directory.team(teamId), directory.members(teamId, [userId])])
  if (!team || !member || member.roleLevel < ROLE_LEVELS.owner) throw noSuchTeam()
  return team
}

const noSuchTeam = () => new ForgeError('not_found', 'You own no such team.')
