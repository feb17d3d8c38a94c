import type { AccessSql, HostFacts } from '../directory/directory.ts'
import { selectPrepared, type Statement } from '../sql/prepared.ts'
import type { RawBoolean, RawTime } from '../sql/rows.ts'
import { SSO_OF_TEAM, ssoFacts, type SsoFactsRow } from './sso/facts.ts'
import type { HostStore } from './store.ts'

/** One statement and no models: this is asked at every introspection. The arguments are SQL. */
const select = (userId: string, instanceId: string) => `
  SELECT u.id AS "userId", u.username, u.name AS "fullName", u.email, u.suspended AS "userSuspended",
         t.id AS "teamId", t.name AS "teamName", t.slug AS "teamSlug", t.suspended AS "teamSuspended",
         i.id AS "instanceId", i.name AS "instanceName", i.url, i.application_id AS "applicationId", i.production,
         m.role_level AS "teamRoleLevel", o.role_level AS "overrideLevel",
         coalesce(o.updated_at, m.updated_at) AS "roleSince",
         p.id AS "providerId", p.name AS "providerName", p.settings AS "providerSettings",
         si.signed_in_at AS "signedInAt", si.auth_time AS "authTime", si.amr, si.groups_json AS "groupsJson"
    FROM users u
    JOIN instances i ON i.id = ${instanceId}
    JOIN applications a ON a.id = i.application_id
    JOIN teams t ON t.id = a.team_id
    LEFT JOIN team_members m ON m.team_id = t.id AND m.user_id = u.id
    LEFT JOIN role_overrides o ON o.application_id = a.id AND o.user_id = u.id
    ${SSO_OF_TEAM} AND si.user_id = u.id
   WHERE u.id = ${userId}`

const ACCESS: Statement = { name: 'forge_access', text: select('$1', '$2') }

/** What a decision wants to know of a person at an instance; null where either is unknown. */
export async function findAccess({ db }: HostStore, userId: string, instanceId: string): Promise<HostFacts | null> {
  const [row] = await selectPrepared<AccessRow>(db, ACCESS, [userId, instanceId])
  return row ? readAccess(row) : null
}

/** The same within a statement of the module's. */
export const accessSql: AccessSql = {
  select,
  read: (row) => (row['userId'] === null ? null : readAccess(row as unknown as AccessRow)),
}

function readAccess(row: AccessRow): HostFacts {
  return {
    user: {
      id: row.userId,
      username: row.username,
      name: row.fullName,
      email: row.email,
      picture: null,
      suspended: Boolean(row.userSuspended),
    },
    team: { id: row.teamId, name: row.teamName, slug: row.teamSlug, suspended: Boolean(row.teamSuspended) },
    instance: {
      id: row.instanceId,
      name: row.instanceName,
      url: row.url,
      applicationId: row.applicationId,
      production: Boolean(row.production),
    },
    teamRoleLevel: row.teamRoleLevel,
    roleSince: row.roleSince === null ? null : new Date(row.roleSince).getTime(),
    overrideLevel: row.overrideLevel,
    sso: ssoFacts(row, row.teamSlug),
  }
}

interface AccessRow extends SsoFactsRow {
  userId: string
  username: string
  fullName: string
  email: string
  userSuspended: RawBoolean
  teamId: string
  teamName: string
  teamSlug: string
  teamSuspended: RawBoolean
  instanceId: string
  instanceName: string
  url: string
  applicationId: string
  production: RawBoolean
  roleSince: RawTime | null
  teamRoleLevel: number | null
  overrideLevel: number | null
}
