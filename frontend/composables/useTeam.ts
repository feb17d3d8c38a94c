import type { Application, Instance, Member, Team } from '@contract/host.ts'

import * as api from '../api.ts'
import { collectPages } from './collectPages.ts'
import { useResource } from './useResource.ts'

/** A team with all that is in it, as its page shows it. */
export interface TeamView {
  team: Team
  members: Member[]
  applications: Application[]
  instances: Instance[]
}

/** What is in a team, loaded whole: its parts name each other. */
export function useTeam(current: () => Team) {
  return useResource<TeamView>(async () => {
    const team = current()
    const [members, applications, instances] = await Promise.all([
      listAllMembers(team.id),
      collectPages(
        (page) => api.listApplications(team.id, page),
        (page) => page.applications,
      ),
      collectPages(
        (page) => api.listInstances(team.id, page),
        (page) => page.instances,
      ),
    ])
    return { team, members, applications, instances }
  })
}

export const listAllMembers = (teamId: string): Promise<Member[]> =>
  collectPages(
    (page) => api.listMembers(teamId, page),
    (page) => page.members,
  )
