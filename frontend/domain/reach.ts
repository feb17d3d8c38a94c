import type { Grant, GrantType } from '@contract/grant.ts'
import { higherRole } from '@contract/role-levels.ts'
import type { Role } from '@contract/role.ts'
import type { TokenPolicy } from '@contract/policy.ts'
import type { TokenTargets } from '@contract/targets.ts'

/** A team, application or instance that the person may put into a token. */
export interface Target {
  key: string
  type: GrantType
  id: string
  name: string
  /** The highest role that the person holds there: the most that a token for it can be. */
  role: Role
  /** What it lies in, outermost first: keys and names of its team and application. */
  within: { key: string; name: string }[]
  /** Instances only. */
  url: string | null
  /** Whether it is, or has in it, an instance that is marked production. */
  production: boolean
  /** The team whose rules hold for it. */
  team: { id: string; name: string; policy: TokenPolicy }
}

export interface ReachableInstance {
  id: string
  name: string
  url: string
}

export const keyOf = ({ type, id }: Pick<Grant, 'type' | 'id'>): string => `${type}:${id}`

/** Everything that may be chosen, in reading order: team, its applications, their instances. */
export function listTargets({ teams }: TokenTargets): Target[] {
  return teams.flatMap((team) => {
    const role = team.applications.map((application) => application.role).reduce(higherRole, team.role)
    const production = team.applications.some(hasProduction)
    const self = target('team', { ...team, role, production }, { team, within: [] })
    return [self, ...team.applications.flatMap((application) => applicationTargets(application, self))]
  })
}

type TargetApplication = TokenTargets['teams'][number]['applications'][number]

function applicationTargets(application: TargetApplication, team: Target): Target[] {
  const production = hasProduction(application)
  const self = target('application', { ...application, production }, { team: team.team, within: [team] })
  const instances = application.instances.map((instance) =>
    target('instance', { ...instance, role: application.role }, { team: team.team, within: [team, self] }),
  )
  return [self, ...instances]
}

const hasProduction = ({ instances }: TargetApplication): boolean => instances.some(({ production }) => production)

function target(
  type: GrantType,
  { id, name, role, production, url }: { id: string; name: string; role: Role; production: boolean; url?: string },
  { team, within }: { team: Target['team']; within: Target[] },
): Target {
  return {
    key: keyOf({ type, id }),
    type,
    id,
    name,
    role,
    within: within.map(({ key, name }) => ({ key, name })),
    url: url ?? null,
    production,
    team: { id: team.id, name: team.name, policy: team.policy },
  }
}

/** What matches, with what it lies in and what lies in it, so that a match is never shown without its place. */
export function searchTargets(targets: readonly Target[], text: string): Target[] {
  const wanted = text.trim().toLocaleLowerCase()
  if (wanted === '') return [...targets]

  const matches = new Set(
    targets
      .filter((each) => `${each.name} ${each.url ?? ''}`.toLocaleLowerCase().includes(wanted))
      .map(({ key }) => key),
  )
  const places = new Set(
    targets.filter(({ key }) => matches.has(key)).flatMap(({ within }) => within.map(({ key }) => key)),
  )
  return targets.filter(
    ({ key, within }) => matches.has(key) || places.has(key) || within.some((outer) => matches.has(outer.key)),
  )
}

/** The chosen team or application that already includes a target; null when none does. */
export function includedIn(target: Target, chosen: ReadonlySet<string>): string | null {
  return target.within.find(({ key }) => chosen.has(key))?.name ?? null
}

/** The choice after a target was switched: what a chosen team or application includes need not be named as well. */
export function toggleTarget(targets: readonly Target[], chosen: ReadonlySet<string>, target: Target): Set<string> {
  const next = new Set(chosen)
  if (next.delete(target.key)) return next

  next.add(target.key)
  for (const inner of targets) {
    if (inner.within.some(({ key }) => key === target.key)) next.delete(inner.key)
  }
  return next
}

/** The most that a token for these targets can be; null as long as nothing is chosen. */
export function highestRole(chosen: readonly Target[]): Role | null {
  const [first, ...rest] = chosen.map(({ role }) => role)
  return first === undefined ? null : rest.reduce(higherRole, first)
}

/** The instances that exist today and that the grants include. */
export function reachableInstances(
  targets: readonly Target[],
  grants: readonly Pick<Grant, 'type' | 'id'>[],
): ReachableInstance[] {
  const chosen = new Set(grants.map(keyOf))
  return targets.flatMap((each) => {
    if (each.url === null || !(chosen.has(each.key) || includedIn(each, chosen) !== null)) return []
    return { id: each.id, name: each.name, url: each.url }
  })
}
