import type { Directory } from '../directory/directory.ts'
import { findAccess, findInstance } from './access.ts'
import { findNames, findPeople } from './people.ts'
import type { FlowFuseStore } from './store.ts'
import { findMembers, findMemberships, findOwners, findTeam } from './teams.ts'

/** Who a request or an instance is: what FlowFuse is asked over HTTP. */
export type Callers = Pick<Directory, 'sessionUser' | 'authenticateInstance'>

/**
 * The module's view of the tables of an unmodified FlowFuse. Nothing of them is held: each question is answered from
 * what stands there now, and so are the instances', which may remember an answer for a second.
 */
export function createFlowFuseDirectory(store: FlowFuseStore, callers: Callers): Directory {
  return {
    ...callers,
    memberships: (userId) => findMemberships(store, userId),
    access: (userId, instanceId) => findAccess(store, userId, instanceId),
    instance: (instanceId) => findInstance(store, instanceId),
    team: (teamId) => findTeam(store, teamId),
    members: (teamId, userIds) => findMembers(store, teamId, userIds),
    people: (userIds) => findPeople(store, userIds),
    ownersOf: (teamId) => findOwners(store, teamId),
    names: (ids) => findNames(store, ids),
  }
}
