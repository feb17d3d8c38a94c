import type { Member, Membership, TeamTree } from '../directory/directory.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import { selectRows, type RawBoolean } from '../sql/rows.ts'
import { numbersOf } from './people.ts'
import { readOverrides, type Overrides } from './overrides.ts'
import { FLOWFUSE_SSO, standingOf } from './sso.ts'
import type { FlowFuseStore } from './store.ts'

/** Applications of a team `t`, with those of their instances that FlowFuse's two ways of saying the team agree on. */
const CONTENT = `LEFT JOIN "Applications" a ON a."TeamId" = t."id"
  LEFT JOIN "Projects" p ON p."ApplicationId" = a."id" AND coalesce(p."TeamId", a."TeamId") = a."TeamId"`
const CONTENT_COLUMNS = `a."id" AS "applicationId", a."name" AS "applicationName",
  p."id" AS "instanceId", p."name" AS "instanceName", p."url"`
const CONTENT_ORDER = `lower(a."name"), a."id", lower(p."name"), p."id"`

/** A team without applications, or an application without instances, is one row with nulls in it. */
interface ContentRow {
  applicationId: number | null
  applicationName: string
  instanceId: string | null
  instanceName: string
  url: string | null
}

interface TeamRow {
  teamId: number
  teamName: string
  teamSlug: string
  teamSuspended: RawBoolean | null
}

type MembershipRow = ContentRow & TeamRow & { role: number; permissions: unknown; ssoEnabled: RawBoolean | null }

export async function findMemberships(store: FlowFuseStore, userId: string): Promise<Membership[]> {
  const user = store.ids.user.decode(userId)
  if (user === null) return []

  const { permissions, teamSuspended } = await store.optional()
  const rows = await selectRows<MembershipRow>(
    store.db,
    `SELECT t."id" AS "teamId", t."name" AS "teamName", t."slug" AS "teamSlug",
       ${teamSuspended('t')} AS "teamSuspended", m."role", ${permissions('m')} AS "permissions",
       u."sso_enabled" AS "ssoEnabled", ${CONTENT_COLUMNS}
     FROM "TeamMembers" m JOIN "Users" u ON u."id" = m."UserId" JOIN "Teams" t ON t."id" = m."TeamId" ${CONTENT}
     WHERE m."UserId" = $1
     ORDER BY lower(t."name"), t."id", ${CONTENT_ORDER}`,
    [user],
  )

  const sso = await standingOf(store.lastSignIns, user, rows[0]?.ssoEnabled ?? null)
  return groupBy(rows, ({ teamId }) => teamId).map((ofTeam) => {
    const [{ role, permissions: own }] = ofTeam
    const overrides = readOverrides(own)
    return {
      team: teamOf(store, ofTeam[0]),
      sso,
      roleLevel: role,
      applications: applicationsOf(store, ofTeam).map((application) => ({
        ...application,
        roleLevel: overrides.of(bareId(application.id)) ?? role,
      })),
    }
  })
}

export async function findTeam(store: FlowFuseStore, teamId: string): Promise<TeamTree | null> {
  const team = store.ids.team.decode(teamId)
  if (team === null) return null

  const { teamSuspended } = await store.optional()
  const rows = await selectRows<ContentRow & TeamRow>(
    store.db,
    `SELECT t."id" AS "teamId", t."name" AS "teamName", t."slug" AS "teamSlug",
       ${teamSuspended('t')} AS "teamSuspended", ${CONTENT_COLUMNS}
     FROM "Teams" t ${CONTENT} WHERE t."id" = $1 ORDER BY ${CONTENT_ORDER}`,
    [team],
  )
  const [first] = rows
  return first ? { ...teamOf(store, first), provider: null, applications: applicationsOf(store, rows) } : null
}

export async function findMembers(store: FlowFuseStore, teamId: string, userIds: readonly string[]): Promise<Member[]> {
  const team = store.ids.team.decode(teamId)
  const users = numbersOf(store.ids.user, userIds)
  if (team === null || users.length === 0) return []

  const { permissions } = await store.optional()
  const places = users.map((_, index) => `$${index + 2}`).join()
  const rows = await selectRows<{ userId: number; role: number; permissions: unknown; ssoEnabled: RawBoolean | null }>(
    store.db,
    `SELECT m."UserId" AS "userId", m."role", ${permissions('m')} AS "permissions", u."sso_enabled" AS "ssoEnabled"
     FROM "TeamMembers" m JOIN "Users" u ON u."id" = m."UserId" WHERE m."TeamId" = $1 AND m."UserId" IN (${places})`,
    [team, ...users],
  )
  if (rows.length === 0) return []

  const known = await applicationIdsOf(store, team)
  const throughSso = rows.filter(({ ssoEnabled }) => ssoEnabled).map(({ userId }) => userId)
  const signIns = await store.lastSignIns(throughSso)
  return rows.map(({ userId, role, permissions: own }) => ({
    userId: store.ids.user.encode(userId),
    roleLevel: role,
    since: null,
    signedInAt: null,
    ...(signIns.has(userId) ? { sso: { provider: FLOWFUSE_SSO, signedInAt: signIns.get(userId) ?? null } } : {}),
    overrides: overridesIn(known, readOverrides(own)),
  }))
}

async function applicationIdsOf({ db, ids }: FlowFuseStore, team: number): Promise<string[]> {
  const rows = await selectRows<{ id: number }>(db, `SELECT a."id" FROM "Applications" a WHERE a."TeamId" = $1`, [team])
  return rows.map(({ id }) => ids.application.encode(id, team))
}

/** As FlowFuse's overrides call it. */
const bareId = (applicationId: string) => applicationId.replace(/_.*$/, '')

/** Those of the team's own applications: FlowFuse forgets no override when an application goes. */
function overridesIn(applicationIds: readonly string[], overrides: Overrides): Member['overrides'] {
  return applicationIds.flatMap((applicationId) => {
    const roleLevel = overrides.of(bareId(applicationId))
    return roleLevel === null ? [] : [{ applicationId, roleLevel }]
  })
}

export async function findOwners({ db, ids }: FlowFuseStore, teamId: string): Promise<string[]> {
  const team = ids.team.decode(teamId)
  if (team === null) return []

  const rows = await selectRows<{ userId: number }>(
    db,
    `SELECT m."UserId" AS "userId" FROM "TeamMembers" m WHERE m."TeamId" = $1 AND m."role" = $2`,
    [team, ROLE_LEVELS.owner],
  )
  return rows.map(({ userId }) => ids.user.encode(userId))
}

function teamOf({ ids }: FlowFuseStore, { teamId, teamName, teamSlug, teamSuspended }: TeamRow): Membership['team'] {
  return { id: ids.team.encode(teamId), name: teamName, slug: teamSlug, suspended: Boolean(teamSuspended) }
}

function applicationsOf({ ids }: FlowFuseStore, rows: readonly (ContentRow & TeamRow)[]): TeamTree['applications'] {
  const inApplications = rows.filter((row) => row.applicationId !== null)
  return groupBy(inApplications, ({ applicationId }) => applicationId).map((ofApplication) => ({
    id: ids.application.encode(Number(ofApplication[0].applicationId), ofApplication[0].teamId),
    name: ofApplication[0].applicationName,
    instances: ofApplication.flatMap(({ instanceId, instanceName: name, url, teamId }) =>
      instanceId === null
        ? []
        : [{ id: ids.instance.encode(instanceId, teamId), name, url: url ?? '', production: false }],
    ),
  }))
}

/** In the order in which the keys come. */
function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => unknown): [Row, ...Row[]][] {
  const groups = new Map<unknown, [Row, ...Row[]]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row))
    if (group) group.push(row)
    else groups.set(keyOf(row), [row])
  }
  return [...groups.values()]
}
