import type { HostFacts, InstanceFacts } from '../directory/directory.ts'
import { selectRows, type RawBoolean } from '../sql/rows.ts'
import { readOverrides } from './overrides.ts'
import { standingOf, withoutClaims } from './sso.ts'
import type { FlowFuseStore } from './store.ts'

/**
 * An instance with its application and team. FlowFuse keeps the team twice; while the two differ, as in the middle of
 * a move, the instance belongs to nobody.
 */
export const INSTANCE_IN_TEAM = `"Projects" p
  JOIN "Applications" a ON a."id" = p."ApplicationId" AND a."TeamId" = coalesce(p."TeamId", a."TeamId")
  JOIN "Teams" t ON t."id" = a."TeamId"`

/** One statement: this is asked at every introspection. */
export async function findAccess(store: FlowFuseStore, userId: string, instanceId: string): Promise<HostFacts | null> {
  const user = store.ids.user.decode(userId)
  const place = store.ids.instance.decode(instanceId)
  if (user === null || place === null) return null

  const { permissions, teamSuspended } = await store.optional()
  const [row] = await selectRows<AccessRow>(
    store.db,
    `SELECT u."username", u."name" AS "userName", u."email", u."avatar", u."suspended" AS "userSuspended",
       u."sso_enabled" AS "ssoEnabled",
       t."id" AS "teamId", t."name" AS "teamName", t."slug" AS "teamSlug", ${teamSuspended('t')} AS "teamSuspended",
       p."name" AS "instanceName", p."url", a."id" AS "applicationId",
       m."role" AS "teamRoleLevel", ${permissions('m')} AS "permissions"
     FROM ${INSTANCE_IN_TEAM}
     JOIN "Users" u ON u."id" = $1
     LEFT JOIN "TeamMembers" m ON m."TeamId" = t."id" AND m."UserId" = u."id"
     WHERE p."id" = $2 AND t."id" = $3`,
    [user, place.id, place.team],
  )
  if (!row) return null

  const sso = await standingOf(store.lastSignIns, user, row.ssoEnabled)
  return { ...factsOf(store, row, userId, instanceId), sso: withoutClaims(sso) }
}

interface AccessRow {
  username: string
  userName: string | null
  email: string
  avatar: string | null
  userSuspended: RawBoolean | null
  ssoEnabled: RawBoolean | null
  teamId: number
  teamName: string
  teamSlug: string
  teamSuspended: RawBoolean | null
  instanceName: string
  url: string | null
  applicationId: number
  teamRoleLevel: number | null
  permissions: unknown
}

function factsOf({ ids, picture }: FlowFuseStore, row: AccessRow, userId: string, instanceId: string): HostFacts {
  const { username, email, teamRoleLevel } = row
  const applicationId = ids.application.encode(row.applicationId, row.teamId)
  const override = readOverrides(row.permissions).of(ids.bareApplication.encode(row.applicationId))
  const user = { id: userId, username, name: row.userName ?? username, email, picture: picture(row.avatar) }

  return {
    user: { ...user, suspended: Boolean(row.userSuspended) },
    team: {
      id: ids.team.encode(row.teamId),
      name: row.teamName,
      slug: row.teamSlug,
      suspended: Boolean(row.teamSuspended),
    },
    instance: { id: instanceId, name: row.instanceName, url: row.url ?? '', applicationId, production: false },
    teamRoleLevel,
    roleSince: null,
    overrideLevel: teamRoleLevel === null ? null : override,
  }
}

export async function findInstance({ db, ids }: FlowFuseStore, instanceId: string): Promise<InstanceFacts | null> {
  const place = ids.instance.decode(instanceId)
  if (place === null) return null

  const [row] = await selectRows<{ name: string; applicationId: number; teamName: string }>(
    db,
    `SELECT p."name", a."id" AS "applicationId", t."name" AS "teamName"
     FROM ${INSTANCE_IN_TEAM} WHERE p."id" = $1 AND t."id" = $2`,
    [place.id, place.team],
  )
  if (!row) return null

  const team = { id: ids.team.encode(place.team), name: row.teamName }
  return { id: instanceId, name: row.name, applicationId: ids.application.encode(row.applicationId, place.team), team }
}

/** The id of an instance where it is now; null when it is nowhere. @param uuid FlowFuse's id of it */
export async function placeOfInstance({ db, ids }: FlowFuseStore, uuid: string): Promise<string | null> {
  const [row] = await selectRows<{ teamId: number }>(
    db,
    `SELECT t."id" AS "teamId" FROM ${INSTANCE_IN_TEAM} WHERE p."id" = $1`,
    [uuid],
  )
  return row ? ids.instance.encode(uuid, row.teamId) : null
}
