import type { Transaction } from 'sequelize'

import type { Actor } from '../../audit/actor.ts'
import { ownLog, teamLog } from '../../audit/entry.ts'
import { knownRole, ROLE_LEVELS, type OverrideRole } from '../../contract/role.ts'
import type { HostStore } from '../store.ts'
import type { MemberRow } from '../teams/model.ts'
import { rolesFromGroups, type ManagedTeam, type TeamRoles } from './groups.ts'
import type { ProviderRow } from './model.ts'
import { settingsOf } from './settings.ts'
import type { Sso } from './sso.ts'

/** Somebody, and the groups that a provider says they are in. */
export interface GroupsOf {
  provider: ProviderRow
  user: { id: string; username: string }
  groups: readonly string[]
  actor: Actor
}

interface OneTeam extends GroupsOf {
  team: ManagedTeam & { name: string }
  wanted: TeamRoles | undefined
}

/** The teams of a provider, with what groups may name in them. */
export async function managedTeams(
  { ProviderTeam, Team, Application }: HostStore,
  providerId: string,
  transaction: Transaction | null = null,
): Promise<OneTeam['team'][]> {
  const links = await ProviderTeam.findAll({ where: { providerId }, transaction })
  const teamId = links.map((link) => link.teamId)
  const teams = await Team.findAll({ where: { id: teamId }, order: ['id'], transaction })
  const applications = await Application.findAll({ where: { teamId }, transaction })

  return teams.map(({ id, name, slug }) => ({
    id,
    name,
    slug,
    applications: applications.filter((each) => each.teamId === id).map((each) => ({ id: each.id, name: each.name })),
  }))
}

/**
 * Makes the person's memberships in the provider's teams what their groups say. What was set by hand stays where the
 * groups say nothing; the last owner of a team stays whatever they say.
 */
export async function applyGroups(sso: Sso, who: GroupsOf, transaction: Transaction): Promise<void> {
  await applyGroupsIn(sso, who, await managedTeams(sso.sessions.store, who.provider.id, transaction), transaction)
}

/** The same in some of the provider's teams alone. */
export async function applyGroupsIn(
  sso: Sso,
  who: GroupsOf,
  teams: OneTeam['team'][],
  transaction: Transaction,
): Promise<void> {
  const mapped = rolesFromGroups(who.groups, settingsOf(who.provider).groups, teams)

  for (const team of teams) {
    const wanted = mapped.teams.find(({ teamId }) => teamId === team.id)
    await applyToTeam(sso, { ...who, team, wanted }, transaction)
  }
}

async function applyToTeam(sso: Sso, one: OneTeam, transaction: Transaction): Promise<void> {
  const { Team, Member } = sso.sessions.store
  const { team, user, wanted } = one
  // Everybody who changes the owners of a team takes turns here, by hand or not.
  await Team.findByPk(team.id, { lock: transaction.LOCK.UPDATE, transaction })
  const member = await Member.findOne({ where: { teamId: team.id, userId: user.id }, transaction })
  const level = wanted && ROLE_LEVELS[wanted.role]

  if (member) {
    const isLed = await applyToMember(sso, { ...one, member, level }, transaction)
    if (!isLed) return
  } else {
    if (level === undefined) return
    await addMember(sso, one, level, transaction)
  }
  await applyOverrides(sso, one, transaction)
}

async function addMember(sso: Sso, one: OneTeam, roleLevel: number, transaction: Transaction): Promise<void> {
  const { team, user, provider } = one
  const row = { teamId: team.id, userId: user.id, roleLevel, managedBy: provider.id }
  await sso.sessions.store.Member.create(row, { transaction })
  const body = { ...about(one), role: knownRole(roleLevel) }
  await sso.audit.write({ event: 'team.user.added', ...logsOf(one), body }, transaction)
}

interface OneMember extends OneTeam {
  member: MemberRow
  /** What the groups make of them; undefined where these say nothing. */
  level: number | undefined
}

/** @returns whether they are in the team by their groups, which then have a say about its applications too */
async function applyToMember(sso: Sso, one: OneMember, transaction: Transaction): Promise<boolean> {
  const { team, user, provider, member, level } = one
  if (level === undefined && member.managedBy !== provider.id) return false

  if (level !== ROLE_LEVELS.owner && (await isLastOwner(sso.sessions.store, team.id, user.id, transaction))) {
    await member.update({ managedBy: provider.id }, { silent: true, transaction })
    await sso.audit.write({ event: 'team.user.last-owner-kept', ...logsOf(one), body: about(one) }, transaction)
    return false
  }
  if (level === undefined) {
    await member.destroy({ transaction })
    const body = { ...about(one), role: knownRole(member.roleLevel) }
    await sso.audit.write({ event: 'team.user.removed', ...logsOf(one), body }, transaction)
    return false
  }
  await setLevel(sso, { ...one, level }, transaction)
  return true
}

async function setLevel(sso: Sso, one: OneMember & { level: number }, transaction: Transaction): Promise<void> {
  const { provider, member, level } = one
  if (member.roleLevel !== level) {
    const updates = [{ key: 'role', old: knownRole(member.roleLevel), new: knownRole(level) }]
    await member.update({ roleLevel: level, managedBy: provider.id }, { transaction })
    const body = { ...about(one), updates }
    await sso.audit.write({ event: 'team.user.role-changed', ...logsOf(one), body }, transaction)
  } else if (member.managedBy !== provider.id) {
    await member.update({ managedBy: provider.id }, { silent: true, transaction })
  }
}

async function applyOverrides(sso: Sso, one: OneTeam, transaction: Transaction): Promise<void> {
  const { Override } = sso.sessions.store
  const { team, user, provider } = one
  const wanted = one.wanted?.overrides ?? new Map<string, OverrideRole>()
  const key = { teamId: team.id, userId: user.id }
  const present = await Override.findAll({ where: key, transaction })

  for (const override of present) {
    if (override.managedBy !== provider.id || wanted.has(override.applicationId)) continue
    await override.destroy({ transaction })
    await recordOverride(sso, one, override.applicationId, [override.roleLevel, null], transaction)
  }
  for (const [applicationId, role] of wanted) {
    const before = present.find((override) => override.applicationId === applicationId)
    const roleLevel = ROLE_LEVELS[role]
    if (before?.roleLevel === roleLevel && before.managedBy === provider.id) continue

    await Override.upsert({ ...key, applicationId, roleLevel, managedBy: provider.id }, { transaction })
    if (before?.roleLevel === roleLevel) continue
    await recordOverride(sso, one, applicationId, [before?.roleLevel ?? null, roleLevel], transaction)
  }
}

async function isLastOwner({ Member }: HostStore, teamId: string, userId: string, transaction: Transaction) {
  const owners = await Member.findAll({ where: { teamId, roleLevel: ROLE_LEVELS.owner }, transaction })
  return owners.length === 1 && owners[0]?.userId === userId
}

async function recordOverride(
  sso: Sso,
  one: OneTeam,
  applicationId: string,
  [before, after]: [number | null, number | null],
  transaction: Transaction,
): Promise<void> {
  const name = one.team.applications.find(({ id }) => id === applicationId)?.name ?? applicationId
  const inWords = (level: number | null) => (level === null ? null : level === 0 ? 'none' : knownRole(level))
  const updates = [{ key: `role in ${name}`, old: inWords(before), new: inWords(after) }]
  await sso.audit.write(
    { event: 'team.user.role-changed', ...logsOf(one), body: { ...about(one), updates } },
    transaction,
  )
}

/** In the log of the team and of the person. */
const logsOf = ({ actor, user, team }: OneTeam) => ({ actor, scopes: [ownLog(user), teamLog(team)] as const })

const about = ({ user, provider }: OneTeam) => ({
  user: { id: user.id, name: user.username },
  provider: { id: provider.id, name: provider.name },
})
