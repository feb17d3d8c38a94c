import { ROLE_LEVELS, type OverrideRole, type Role } from '../../contract/role.ts'
import type { GroupMapping } from '../../contract/sso.ts'

/** A team that the provider manages, with what groups may name in it. */
export interface ManagedTeam {
  id: string
  slug: string
  applications: { id: string; name: string }[]
}

/** What groups come to in one team: a role, and roles in applications in its place. */
export interface TeamRoles {
  teamId: string
  role: Role
  /** By the id of the application. */
  overrides: Map<string, OverrideRole>
}

export interface MappedGroups {
  teams: TeamRoles[]
  /** Groups that mean nothing here: of another form, or of a team or application that the provider does not manage. */
  ignored: string[]
}

/** What one group says. */
interface Claim {
  team: ManagedTeam
  applicationId: string | null
  role: OverrideRole
}

/**
 * What groups make of a person, team by team. Pure. Of several groups the highest role wins; an application's role
 * counts only where there is one in its team too, since it stands in its place.
 */
export function rolesFromGroups(
  groups: readonly string[],
  mapping: GroupMapping,
  teams: readonly ManagedTeam[],
): MappedGroups {
  const read = groups.map((group) => ({ group, claims: claimsOf(group, mapping, teams) }))
  const claims = read.flatMap((each) => each.claims)

  return {
    teams: teams.flatMap((team) => {
      const own = claims.filter((claim) => claim.team === team)
      const role = highest(own.filter(({ applicationId }) => applicationId === null))
      return role === null || role === 'none' ? [] : { teamId: team.id, role, overrides: overridesOf(own) }
    }),
    ignored: read.filter((each) => each.claims.length === 0).map(({ group }) => group),
  }
}

function overridesOf(claims: Claim[]): Map<string, OverrideRole> {
  const overrides = new Map<string, OverrideRole>()
  for (const { applicationId } of claims) {
    if (applicationId === null) continue
    const role = highest(claims.filter((claim) => claim.applicationId === applicationId))
    if (role !== null) overrides.set(applicationId, role)
  }
  return overrides
}

function highest(claims: Claim[]): OverrideRole | null {
  return claims.reduce<OverrideRole | null>(
    (best, { role }) => (best === null || ROLE_LEVELS[role] > ROLE_LEVELS[best] ? role : best),
    null,
  )
}

/** Those of the groups that name a team, whether or not what else they say means anything. */
export function groupsAbout(groups: readonly string[], mapping: GroupMapping, slug: string): string[] {
  return groups.filter(
    (group) =>
      parse(group, mapping)?.slug === slug || mapping.custom.some((rule) => rule.group === group && rule.team === slug),
  )
}

/** By its name, and by every custom rule about it. */
function claimsOf(group: string, mapping: GroupMapping, teams: readonly ManagedTeam[]): Claim[] {
  const custom = mapping.custom
    .filter((rule) => rule.group === group)
    .map(({ team, application, role }) => resolve(teams, { slug: team, application: application ?? null, role }))
  return [resolve(teams, parse(group, mapping)), ...custom].filter((claim) => claim !== null)
}

interface Named {
  slug: string
  application: string | null
  role: OverrideRole
}

/** FlowFuse's forms. Slugs hold hyphens themselves, so the role is what follows the last one. */
const APPLICATION_GROUP = /^ff-([a-z0-9-]+)\[(.+)\]-(none|dashboard|viewer|member|owner)$/u
const TEAM_GROUP = /^ff-([a-z0-9-]+)-(dashboard|viewer|member|owner)$/

function parse(group: string, { prefix, suffix }: GroupMapping): Named | null {
  if (group.length < prefix.length + suffix.length || !group.startsWith(prefix) || !group.endsWith(suffix)) return null
  const name = group.slice(prefix.length, group.length - suffix.length)

  const [, appSlug, application, appRole] = APPLICATION_GROUP.exec(name) ?? []
  if (appSlug && application && appRole) return { slug: appSlug, application, role: appRole as OverrideRole }

  const [, slug, role] = TEAM_GROUP.exec(name) ?? []
  return slug && role ? { slug, application: null, role: role as OverrideRole } : null
}

/** An application is named by its id, or by its name where only one has it. */
function resolve(teams: readonly ManagedTeam[], named: Named | null): Claim | null {
  const team = teams.find(({ slug }) => slug === named?.slug)
  if (!named || !team) return null
  if (named.application === null) return named.role === 'none' ? null : { team, applicationId: null, role: named.role }

  const byId = team.applications.find(({ id }) => id === named.application)
  const byName = team.applications.filter(({ name }) => name === named.application)
  const applicationId = byId?.id ?? (byName.length === 1 ? byName[0]?.id : undefined)
  return applicationId === undefined ? null : { team, applicationId, role: named.role }
}
