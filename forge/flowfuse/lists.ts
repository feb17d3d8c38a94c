import type { PageQuery } from '../contract/common.ts'
import type { Application, Instance, Member, Team } from '../contract/host.ts'
import { roleFromLevel, type OverrideRole } from '../contract/role.ts'
import type { Membership, TeamTree } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { unknownCursor } from '../sql/cursor.ts'
import { selectRows, type RawTime } from '../sql/rows.ts'
import { compareText } from '../sql/text.ts'
import { toIso } from '../sql/time.ts'
import { findPeople } from './people.ts'
import type { FlowFuseStore } from './store.ts'
import { findMembers, findMemberships, findTeam } from './teams.ts'

// What the pages show of FlowFuse's teams to their members. All of it is changed in FlowFuse.

const DEFAULT_LIMIT = 100

/** One page of a list that is read whole: a team is small beside what a database is made for. */
function pageOf<Item>(
  items: readonly Item[],
  textsOf: (item: Item) => string[],
  { query, cursor = '0', limit = DEFAULT_LIMIT }: PageQuery,
): { items: Item[]; count: number; meta: { next_cursor?: string } } {
  if (!/^\d{1,9}$/.test(cursor)) throw unknownCursor()

  const wanted = query?.toLowerCase() ?? ''
  const matching = items.filter((item) => textsOf(item).some((text) => text.toLowerCase().includes(wanted)))
  const end = Number(cursor) + limit
  return {
    items: matching.slice(Number(cursor), end),
    count: matching.length,
    meta: end < matching.length ? { next_cursor: String(end) } : {},
  }
}

export async function listTeams(store: FlowFuseStore, userId: string, query: PageQuery) {
  const memberships = await findMemberships(store, userId)
  const teams = await Promise.all(memberships.map((membership) => teamOf(store, membership)))
  const { items, ...page } = pageOf(teams, ({ name, slug }) => [name, slug], query)
  return { teams: items, ...page }
}

/** @throws {ForgeError} not_found, for a team that the person is not in as well */
export async function getTeam(store: FlowFuseStore, userId: string, teamId: string): Promise<Team> {
  return teamOf(store, await requireMembership(store, userId, teamId))
}

async function requireMembership(store: FlowFuseStore, userId: string, teamId: string): Promise<Membership> {
  const memberships = await findMemberships(store, userId)
  const membership = memberships.find(({ team, roleLevel }) => team.id === teamId && roleFromLevel(roleLevel) !== null)
  if (!membership) throw new ForgeError('not_found', 'There is no such team.')
  return membership
}

/** @throws {ForgeError} not_found */
async function requireTree(store: FlowFuseStore, userId: string, teamId: string | undefined): Promise<TeamTree> {
  const membership = await requireMembership(store, userId, teamId ?? '')
  const tree = await findTeam(store, membership.team.id)
  if (!tree) throw new ForgeError('not_found', 'There is no such team.')
  return tree
}

async function teamOf(store: FlowFuseStore, { team, roleLevel, applications }: Membership): Promise<Team> {
  const [row] = await selectRows<{ createdAt: RawTime; members: number | string }>(
    store.db,
    `SELECT t."createdAt", (SELECT count(*) FROM "TeamMembers" m WHERE m."TeamId" = t."id") AS "members"
     FROM "Teams" t WHERE t."id" = $1`,
    [store.ids.team.decode(team.id)],
  )
  return {
    ...team,
    createdAt: toIso(row?.createdAt ?? new Date(0)),
    role: roleFromLevel(roleLevel),
    memberCount: Number(row?.members ?? 0),
    instanceCount: applications.reduce((sum, { instances }) => sum + instances.length, 0),
  }
}

export async function listTeamMembers(store: FlowFuseStore, userId: string, teamId: string, query: PageQuery) {
  await requireMembership(store, userId, teamId)
  const rows = await selectRows<{ userId: number }>(
    store.db,
    `SELECT m."UserId" AS "userId" FROM "TeamMembers" m WHERE m."TeamId" = $1`,
    [store.ids.team.decode(teamId)],
  )
  const userIds = rows.map((row) => store.ids.user.encode(row.userId))
  const [members, people] = await Promise.all([findMembers(store, teamId, userIds), findPeople(store, userIds)])

  const all = people.flatMap((user): Member[] => {
    const member = members.find((each) => each.userId === user.id)
    const role = member && roleFromLevel(member.roleLevel)
    if (!role) return []
    const overrides = member.overrides.map(({ applicationId, roleLevel }) => ({
      applicationId,
      role: overrideRole(roleLevel),
      managed: false,
    }))
    return [{ user, role, managedBy: null, overrides }]
  })
  all.sort((a, b) => compareText(a.user.name.toLowerCase(), b.user.name.toLowerCase()))
  const { items, ...page } = pageOf(all, ({ user }) => [user.name, user.username, user.email], query)
  return { members: items, ...page }
}

/** A level that nobody knows grants nothing. */
function overrideRole(level: number): OverrideRole {
  return roleFromLevel(level) ?? 'none'
}

interface OfTeam extends PageQuery {
  teamId?: string
}

export async function listApplications(store: FlowFuseStore, userId: string, { teamId, ...query }: OfTeam) {
  const tree = await requireTree(store, userId, teamId)
  const created = await timesOf(store, 'applications', tree.id)
  const all = tree.applications.map(({ id, name }): Application => ({
    id,
    name,
    teamId: tree.id,
    createdAt: created.get(id) ?? LONG_AGO,
  }))
  const { items, ...page } = pageOf(all, ({ name }) => [name], query)
  return { applications: items, ...page }
}

export async function listInstances(store: FlowFuseStore, userId: string, { teamId, ...query }: OfTeam) {
  const tree = await requireTree(store, userId, teamId)
  const created = await timesOf(store, 'instances', tree.id)
  const all = tree.applications.flatMap((application) =>
    application.instances.map((instance): Instance => ({
      ...instance,
      teamId: tree.id,
      applicationId: application.id,
      applicationName: application.name,
      createdAt: created.get(instance.id) ?? LONG_AGO,
      credential: null,
    })),
  )
  const { items, ...page } = pageOf(all, ({ name, url }) => [name, url], query)
  return { instances: items, ...page }
}

const LONG_AGO = new Date(0).toISOString()

/** When what is in a team was made, by our ids. */
async function timesOf({ db, ids }: FlowFuseStore, from: keyof typeof TIMES, teamId: string) {
  const team = Number(ids.team.decode(teamId))
  const rows = await selectRows<{ id: number | string; createdAt: RawTime }>(db, TIMES[from], [team])
  const idOf = (id: number | string) =>
    typeof id === 'number' ? ids.application.encode(id, team) : ids.instance.encode(id, team)
  return new Map(rows.map(({ id, createdAt }) => [idOf(id), toIso(createdAt)]))
}

const TIMES = {
  applications: `SELECT a."id", a."createdAt" FROM "Applications" a WHERE a."TeamId" = $1`,
  instances: `SELECT p."id", p."createdAt" FROM "Projects" p
    JOIN "Applications" a ON a."id" = p."ApplicationId" WHERE a."TeamId" = $1`,
}
