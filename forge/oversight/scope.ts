import { covers, type LiveFacts } from '../access/rules.ts'
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
  /** What a grant may name in the whole team: names by ids. */
  names: Record<Grant['type'], ReadonlyMap<string, string>>
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
  const names = { team: namesOf([team]), application: namesOf(team.applications), instance: namesOf(instances) }
  return { type: 'team', id: team.id, name: team.name, team, instances, targets, names }
}

const namesOf = (places: readonly { id: string; name: string }[]) => new Map(places.map(({ id, name }) => [id, name]))

/** An instance, for the owners of its team. @throws {ForgeError} not_found for everybody else */
export async function ownedInstance(directory: Directory, userId: string, instanceId: string): Promise<Scope> {
  const facts = await directory.access(userId, instanceId)
  if (!facts) throw noSuchInstance()

  const { team, instances, names } = await ownedTeam(directory, userId, facts.team.id).catch((error: unknown) => {
    throw error instanceof ForgeError ? noSuchInstance() : error
  })
  const instance = instances.find(({ id }) => id === instanceId)
  if (!instance) throw noSuchInstance()

  const { id, name, applicationId } = instance
  const targets = { team: [team.id], application: [applicationId], instance: [id] }
  return { type: 'instance', id, name, team, instances: [instance], targets, names }
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
  if (grants.some(({ type, id }) => type === 'team' && id === team.id)) return instances

  return instances.filter((instance) => grants.some((grant) => covers(grant, { instance, team })))
}

/** Grants with the names of what they reach here. */
export function named({ names }: Scope, grants: readonly Grant[]): NamedGrant[] {
  return grants.map(({ type, id }) => ({ type, id, name: names[type].get(id) ?? null }))
}
