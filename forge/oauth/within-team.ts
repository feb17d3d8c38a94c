import type { TokenTargets } from '../contract/targets.ts'

/** What a program may reach: everything that the person does, or what of it is in the team that registered the program. */
export function withinTeam({ teams }: TokenTargets, teamId: string | null): TokenTargets {
  return { teams: teamId === null ? teams : teams.filter(({ id }) => id === teamId) }
}
