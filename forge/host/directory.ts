import type { Changes } from '../changes/changes.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import type { Directory, InstanceFacts, Member, Membership, Person, TeamTree } from '../directory/directory.ts'
import { placesFor, selectRows, type RawBoolean } from '../sql/rows.ts'
import { toEpochMs } from '../sql/time.ts'
import { accessSql, findAccess } from './access.ts'
import type { Credentials } from './instances/credentials.ts'
import { sessionOf, type Sessions } from './sessions/person.ts'
import { PROVIDER_OF_TEAM, SSO_OF_TEAM, ssoStanding, type SsoRow } from './sso/facts.ts'
import type { HostStore } from './store.ts'

/** The module's view of this host's own tables. @param changes what tells of changes in them, if anything does */
export function createDirectory(sessions: Sessions, credentials: Credentials, changes?: Changes): Directory {
  const { store } = sessions

  return {
    async sessionUser(request) {
      const session = await sessionOf(sessions, request)
      if (!session) return null

      const { userId, username, id: sessionId, authenticatedAt, providerId } = session
      return { userId, username, sessionId, authenticatedAt, providerId }
    },

    memberships: (userId) => findMemberships(store, userId),
    access: (userId, instanceId) => findAccess(store, userId, instanceId),
    accessSql,
    authenticateInstance: (credential) => credentials.authenticate(credential),

    instance: (instanceId) => findInstance(store, instanceId),
    team: (teamId) => findTeam(store, teamId),
    members: (teamId, userIds) => findMembers(store, teamId, userIds),
    people: (userIds) => findPeople(store, userIds),
    ownersOf: (teamId) => findOwners(store, teamId),

    ...(changes ? { changes } : {}),
    onDeleted: (listener) => store.deletions.listen(listener),

    async names({ instances, applications, teams }) {
      return {
        instances: await namesOf(store, 'instances', instances),
        applications: await namesOf(store, 'applications', applications),
        teams: await namesOf(store, 'teams', teams),
      }
    },
  }
}

async function findInstance({ db }: HostStore, instanceId: string): Promise<InstanceFacts | null> {
  const [row] = await selectRows<{ id: string; name: string; applicationId: string; teamId: string; teamName: string }>(
    db,
    `SELECT i.id, i.name, a.id AS "applicationId", t.id AS "teamId", t.name AS "teamName"
     FROM instances i JOIN applications a ON a.id = i.application_id JOIN teams t ON t.id = a.team_id
     WHERE i.id = $1`,
    [instanceId],
  )
  if (!row) return null

  const { id, name, applicationId, teamId, teamName } = row
  return { id, name, applicationId, team: { id: teamId, name: teamName } }
}

async function findMemberships({ db }: HostStore, userId: string): Promise<Membership[]> {
  const rows = await selectRows<MembershipRow>(
    db,
    `SELECT t.id AS "teamId", t.name AS "teamName", t.slug AS "teamSlug", t.suspended AS "teamSuspended",
       m.role_level AS "teamRoleLevel", coalesce(o.role_level, m.role_level) AS "roleLevel",
       a.id AS "applicationId", a.name AS "applicationName",
       i.id AS "instanceId", i.name AS "instanceName", i.url, i.production,
       p.id AS "providerId", p.name AS "providerName", si.signed_in_at AS "signedInAt"
     FROM team_members m
     JOIN teams t ON t.id = m.team_id
     LEFT JOIN applications a ON a.team_id = t.id
     LEFT JOIN role_overrides o ON o.application_id = a.id AND o.user_id = m.user_id
     LEFT JOIN instances i ON i.application_id = a.id
     ${SSO_OF_TEAM} AND si.user_id = m.user_id
     WHERE m.user_id = $1
     ORDER BY lower(t.name), t.id, lower(a.name), a.id, lower(i.name), i.id`,
    [userId],
  )

  const memberships = new Map<string, Membership>()
  for (const row of rows) addRow(memberships, row)
  return [...memberships.values()]
}

/** A team without applications, or an application without instances, is one row with nulls in it. */
interface MembershipRow extends SsoRow {
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
  production: RawBoolean
}

/** Rows come team by team and application by application, so the last of each is the one that a row belongs to. */
function addRow(memberships: Map<string, Membership>, row: MembershipRow): void {
  const membership = memberships.get(row.teamId) ?? {
    team: { id: row.teamId, name: row.teamName, slug: row.teamSlug, suspended: Boolean(row.teamSuspended) },
    sso: ssoStanding(row),
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
    const { instanceId: id, instanceName: name, url } = row
    application.instances.push({ id, name, url, production: Boolean(row.production) })
  }
}

async function findTeam({ db, Team }: HostStore, teamId: string): Promise<TeamTree | null> {
  const team = await Team.findByPk(teamId)
  if (!team) return null

  const rows = await selectRows<TreeRow>(
    db,
    `SELECT a.id AS "applicationId", a.name AS "applicationName",
       i.id AS "instanceId", i.name AS "instanceName", i.url, i.production
     FROM applications a LEFT JOIN instances i ON i.application_id = a.id
     WHERE a.team_id = $1
     ORDER BY lower(a.name), a.id, lower(i.name), i.id`,
    [teamId],
  )
  const applications = new Map<string, TeamTree['applications'][number]>()
  for (const { applicationId, applicationName, instanceId, instanceName, url, production } of rows) {
    const application = applications.get(applicationId) ?? { id: applicationId, name: applicationName, instances: [] }
    applications.set(applicationId, application)
    if (instanceId === null) continue
    application.instances.push({ id: instanceId, name: instanceName, url, production: Boolean(production) })
  }

  const { id, name, slug, suspended } = team
  const [provider = null] = await selectRows<{ id: string; name: string }>(db, PROVIDER_OF_TEAM, [id])
  return { id, name, slug, suspended, provider, applications: [...applications.values()] }
}

interface TreeRow {
  applicationId: string
  applicationName: string
  /** Null in an application without instances. */
  instanceId: string | null
  instanceName: string
  url: string
  production: RawBoolean
}

async function findMembers(
  { Member, Override, Identity, ProviderTeam }: HostStore,
  teamId: string,
  userIds: readonly string[],
): Promise<Member[]> {
  const where = { teamId, userId: [...userIds] }
  const [members, overrides, managed] = await Promise.all([
    Member.findAll({ where, attributes: ['userId', 'roleLevel', 'updatedAt'], raw: true }),
    Override.findAll({ where }),
    ProviderTeam.findByPk(teamId),
  ])
  const through = { providerId: managed?.providerId ?? '', userId: [...userIds] }
  const identities = managed ? await Identity.findAll({ where: through }) : []

  return members.map(({ userId, roleLevel, updatedAt }) => ({
    userId,
    roleLevel,
    since: toEpochMs(updatedAt),
    signedInAt: identities.find((identity) => identity.userId === userId)?.signedInAt?.getTime() ?? null,
    overrides: overrides
      .filter((override) => override.userId === userId)
      .map(({ applicationId, roleLevel: level }) => ({ applicationId, roleLevel: level })),
  }))
}

async function findPeople({ User }: HostStore, userIds: readonly string[]): Promise<Person[]> {
  const attributes = ['id', 'username', 'name', 'email', 'suspended']
  const people = await User.findAll({ where: { id: [...userIds] }, attributes, raw: true })
  return people.map(({ id, username, name, email, suspended }) => ({
    ...{ id, username, name, email },
    suspended: Boolean(suspended),
  }))
}

async function findOwners({ Member }: HostStore, teamId: string): Promise<string[]> {
  const owners = await Member.findAll({ where: { teamId, roleLevel: ROLE_LEVELS.owner } })
  return owners.map(({ userId }) => userId)
}

/** @param table one of our own, never what a caller sent */
async function namesOf({ db }: HostStore, table: string, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()

  const rows = await selectRows<{ id: string; name: string }>(
    db,
    `SELECT id, name FROM ${table} WHERE id IN (${placesFor(ids)})`,
    ids,
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}
