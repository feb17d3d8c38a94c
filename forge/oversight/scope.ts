import type { LiveFacts } from '../access/rules.ts'
import { findOwnedTeam } from '../access/team-owner.ts'
import type { Grant } from '../contract/grant.ts'
import type { NamedGrant } from '../contract/token.ts'
import type { Directory, TeamTree } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'

/** An instance of the team, as the decision sees it. */
export type ScopeInstance = LiveFacts['instance'] & { name: string }

/** What an owner looks at: a team, or one instance of it. */
export interface Scope {
  type: 'team' | 'instance'
  id: string
  name: string
  team: TeamTree
  /** Every instance of the team, or the one. */
  instances: ScopeInstance[]
  /** What a grant must name to reach here. */
  targets: { team: string[]; application: string[]; instance: string[] }
}

/** A team, for its owners. @throws {ForgeError} not_found for everybody else */
export async function ownedTeam(directory: Directory, userId: string, teamId: string): Promise<Scope> {
  const team = await findOwnedTeam(directory, userId, teamId)
  const instances = instancesOf(team)
  const targets = {
    team: [team.id],
    application: team.applications.map(({ id }) => id),
    instance: instances.map(({ id }) => id),
  }
  return { type: 'team', id: team.id, name: team.name, team, instances, targets }
}

/** An instance, for the owners of its team. @throws {ForgeError} not_found for everybody else */
export async function ownedInstance(directory: Directory, userId: string, instanceId: string): Promise<Scope> {
  const facts = await directory.access(userId, instanceId)
  if (!facts) throw noSuchInstance()

  const { team } = await ownedTeam(directory, userId, facts.team.id).catch((error: unknown) => {
    throw error instanceof ForgeError ? noSuchInstance() : error
  })
  const instance = instancesOf(team).find(({ id }) => id === instanceId)
  if (!instance) throw noSuchInstance()

  const { id, name, applicationId } = instance
  const targets = { team: [team.id], application: [applicationId], instance: [id] }
  return { type: 'instance', id, name, team, instances: [instance], targets }
}

const noSuchInstance = () => new ForgeError('not_found', 'You own no such instance.')

function instancesOf({ applications }: TeamTree): ScopeInstance[] {
  return applications.flatMap(({ id: applicationId, instances }) =>
    instances.map(({ id, name, production }) => ({ id, name, applicationId, production })),
  )
}

/** The grants that reach here. */
export function grantsHere({ targets }: Scope, grants: readonly Grant[]): Grant[] {
  return grants.filter(({ type, id }) => targets[type].includes(id))
}

/** The instances among those of the scope that a grant reaches now. */
export function instancesReached({ instances, team }: Scope, grants: readonly Grant[]): ScopeInstance[] {
  const names = new Set(grants.map(({ type, id }) => `${type} ${id}`))
  if (names.has(`team ${team.id}`)) return instances

  return instances.filter(
    ({ id, applicationId }) => names.has(`instance ${id}`) || names.has(`application ${applicationId}`),
  )
}

/** Grants with the names of what they reach here. */
export function named({ team }: Scope, grants: readonly Grant[]): NamedGrant[] {
  const { applications } = team
  const places = {
    team: [team],
    application: applications,
    instance: applications.flatMap(({ instances }) => instances),
  }
  return grants.map(({ type, id }) => ({ type, id, name: places[type].find((place) => place.id === id)?.name ?? null }))
}
