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

/** One team, loaded whole: its parts name each other. */
export function useTeam(id: () => string) {
  return useResource<TeamView>(async () => {
    const teamId = id()
    const [team, members, applications, instances] = await Promise.all([
      api.getTeam(teamId),
      collectPages(
        (page) => api.listMembers(teamId, page),
        (page) => page.members,
      ),
      collectPages(
        (page) => api.listApplications(teamId, page),
        (page) => page.applications,
      ),
      collectPages(
        (page) => api.listInstances(teamId, page),
        (page) => page.instances,
      ),
    ])
    return { team, members, applications, instances }
  })
}
