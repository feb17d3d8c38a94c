import type { Directory, HostFacts, Membership } from '../directory/directory.ts'
import type { Credentials } from './instances/credentials.ts'
import { selectRows, type RawBoolean } from './rows.ts'
import { sessionOf, type Sessions } from './sessions/person.ts'
import type { HostStore } from './store.ts'

/** The module's view of this host's own tables. */
export function createDirectory(sessions: Sessions, credentials: Credentials): Directory {
  const { store } = sessions

  return {
    async sessionUser(request) {
      const session = await sessionOf(sessions, request)
      if (!session) return null

      const { userId, username, id, startedAt } = session
      return { userId, username, sessionId: id, authenticatedAt: startedAt }
    },

    memberships: (userId) => findMemberships(store, userId),
    access: (userId, instanceId) => findAccess(store, userId, instanceId),
    authenticateInstance: (credential) => credentials.authenticate(credential),

    async names({ instances, applications, teams }) {
      return {
        instances: await namesOf(store, 'instances', instances),
        applications: await namesOf(store, 'applications', applications),
        teams: await namesOf(store, 'teams', teams),
      }
    },
  }
}

/** One statement and no models: this is asked at every introspection. */
async function findAccess({ db }: HostStore, userId: string, instanceId: string): Promise<HostFacts | null> {
  const [row] = await selectRows<AccessRow>(
    db,
    `SELECT u.id AS "userId", u.username, u.name AS "userName", u.email, u.suspended AS "userSuspended",
       t.id AS "teamId", t.name AS "teamName", t.slug AS "teamSlug", t.suspended AS "teamSuspended",
       i.id AS "instanceId", i.name AS "instanceName", i.url, i.application_id AS "applicationId",
       m.role_level AS "teamRoleLevel", o.role_level AS "overrideLevel"
     FROM users u
     JOIN instances i ON i.id = $2
     JOIN applications a ON a.id = i.application_id
     JOIN teams t ON t.id = a.team_id
     LEFT JOIN team_members m ON m.team_id = t.id AND m.user_id = u.id
     LEFT JOIN role_overrides o ON o.application_id = a.id AND o.user_id = u.id
     WHERE u.id = $1`,
    [userId, instanceId],
  )
  if (!row) return null

  return {
    user: {
      id: row.userId,
      username: row.username,
      name: row.userName,
      email: row.email,
      picture: null,
      suspended: Boolean(row.userSuspended),
    },
    team: { id: row.teamId, name: row.teamName, slug: row.teamSlug, suspended: Boolean(row.teamSuspended) },
    instance: { id: row.instanceId, name: row.instanceName, url: row.url, applicationId: row.applicationId },
    teamRoleLevel: row.teamRoleLevel,
    overrideLevel: row.overrideLevel,
  }
}

interface AccessRow {
  userId: string
  username: string
  userName: string
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
  teamRoleLevel: number | null
  overrideLevel: number | null
}

async function findMemberships({ db }: HostStore, userId: string): Promise<Membership[]> {
  const rows = await selectRows<MembershipRow>(
    db,
    `SELECT t.id AS "teamId", t.name AS "teamName", t.slug AS "teamSlug", t.suspended AS "teamSuspended",
       m.role_level AS "teamRoleLevel", coalesce(o.role_level, m.role_level) AS "roleLevel",
       a.id AS "applicationId", a.name AS "applicationName",
       i.id AS "instanceId", i.name AS "instanceName", i.url
     FROM team_members m
     JOIN teams t ON t.id = m.team_id
     LEFT JOIN applications a ON a.team_id = t.id
     LEFT JOIN role_overrides o ON o.application_id = a.id AND o.user_id = m.user_id
     LEFT JOIN instances i ON i.application_id = a.id
     WHERE m.user_id = $1
     ORDER BY lower(t.name), t.id, lower(a.name), a.id, lower(i.name), i.id`,
    [userId],
  )

  const memberships = new Map<string, Membership>()
  for (const row of rows) addRow(memberships, row)
  return [...memberships.values()]
}

/** A team without applications, or an application without instances, is one row with nulls in it. */
interface MembershipRow {
  teamId: string
  teamName: string
  teamSlug: string
  teamSuspended: RawBoolean
  teamRoleLevel: number
  roleLevel: number
  applicationId: string | null
  applicationName: string
  instanceId: string | null
  instanceName: string
  url: string
}

/** Rows come team by team and application by application, so the last of each is the one that a row belongs to. */
function addRow(memberships: Map<string, Membership>, row: MembershipRow): void {
  const membership = memberships.get(row.teamId) ?? {
    team: { id: row.teamId, name: row.teamName, slug: row.teamSlug, suspended: Boolean(row.teamSuspended) },
    roleLevel: row.teamRoleLevel,
    applications: [],
  }
  memberships.set(row.teamId, membership)
  if (row.applicationId === null) return

  let application = membership.applications.at(-1)
  if (application?.id !== row.applicationId) {
    application = { id: row.applicationId, name: row.applicationName, roleLevel: row.roleLevel, instances: [] }
    membership.applications.push(application)
  }
  if (row.instanceId !== null) {
    application.instances.push({ id: row.instanceId, name: row.instanceName, url: row.url })
  }
}

/** @param table one of our own, never what a caller sent */
async function namesOf({ db }: HostStore, table: string, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()

  const places = ids.map((_, index) => `$${index + 1}`).join()
  const rows = await selectRows<{ id: string; name: string }>(
    db,
    `SELECT id, name FROM ${table} WHERE id IN (${places})`,
    ids,
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}
