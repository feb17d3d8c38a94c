import { ROLE_LEVELS } from '../contract/role.ts'
import type { Directory } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'

/** Lets the owners of a team pass. @throws {ForgeError} not_found for everybody else */
export async function requireTeamOwner(directory: Directory, userId: string, teamId: string): Promise<void> {
  const memberships = await directory.memberships(userId)
  const owned = memberships.some(({ team, roleLevel }) => team.id === teamId && roleLevel >= ROLE_LEVELS.owner)
  if (!owned) throw new ForgeError('not_found', 'You own no such team.')
}
