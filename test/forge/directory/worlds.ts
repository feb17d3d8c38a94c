import { createFlowFuseDirectory } from '../../../forge/flowfuse/directory.ts'
import { openFlowFuseDatabase } from '../../../forge/flowfuse/open-database.ts'
import { createFlowFuseStore } from '../../../forge/flowfuse/store.ts'
import { createDirectory } from '../../../forge/host/directory.ts'
import { createCredentials } from '../../../forge/host/instances/credentials.ts'
import { createSessionCookie } from '../../../forge/host/sessions/cookie.ts'
import { createStore } from '../../../forge/host/store.ts'
import { createSecretKeys } from '../../../forge/keys.ts'
import { createTeam, createUser } from '../../support/builders.ts'
import { createTestDatabase, type Dialect } from '../../support/database.ts'
import { createFlowFuseDatabase, PLATFORM_ID, type FlowFuseColumns } from '../../support/flowfuse-database.ts'
import { createRoleOfDocs } from '../../support/flowfuse-role.ts'
import { TEST_SECRET_KEY } from '../../support/forge.ts'
import type { DirectoryWorld, HostAbilities } from './contract.cases.ts'

export const OWN_HOST: HostAbilities = { overrides: true, teamSuspension: true, moves: false }
export const OLD_FLOWFUSE: HostAbilities = { overrides: false, teamSuspension: false, moves: true }
export const NEW_FLOWFUSE: HostAbilities = { overrides: true, teamSuspension: true, moves: true }

/** Our own host's tables. */
export async function ownHost(dialect: Dialect): Promise<DirectoryWorld> {
  const { db, cleanup } = await createTestDatabase(dialect)
  const store = createStore(db)
  const fail = (error: unknown) => {
    throw error
  }
  const credentials = createCredentials(store, createSecretKeys(TEST_SECRET_KEY), fail)
  const sessions = { store, cookie: createSessionCookie('http://forge.test') }

  return {
    directory: createDirectory(sessions, credentials),
    createUser: async (username) => (await createUser({ store }, { username })).id,
    createTeam: async (slug) => (await createTeam({ store }, { slug })).id,
    createApplication: async (teamId, name) => (await store.Application.create({ teamId, name })).id,
    createInstance: async (applicationId, name) =>
      (await store.Instance.create({ applicationId, name, url: `https://${name}.example.com` })).id,
    addMember: async (teamId, userId, roleLevel) => void (await store.Member.create({ teamId, userId, roleLevel })),
    setRole: async (teamId, userId, roleLevel) =>
      void (await store.Member.update({ roleLevel }, { where: { teamId, userId } })),
    removeMember: async (teamId, userId) => void (await store.Member.destroy({ where: { teamId, userId } })),
    async setOverride(applicationId, userId, roleLevel) {
      const { teamId } = (await store.Application.findByPk(applicationId)) ?? { teamId: '' }
      await store.Override.upsert({ applicationId, teamId, userId, roleLevel })
    },
    suspendUser: async (id) => void (await store.User.update({ suspended: true }, { where: { id } })),
    suspendTeam: async (id) => void (await store.Team.update({ suspended: true }, { where: { id } })),
    moveApplication: () => Promise.reject(new Error('nothing moves here')),
    deleteUser: async (id) => void (await store.User.destroy({ where: { id } })),
    deleteInstance: async (id) => void (await store.Instance.destroy({ where: { id } })),
    close: cleanup,
  }
}

/** The tables of a FlowFuse, on PostgreSQL through the role that the docs give us. */
export async function flowFuse(columns: FlowFuseColumns, dialect: Dialect): Promise<DirectoryWorld> {
  const flowfuse = await createFlowFuseDatabase(columns, dialect)
  const role = dialect === 'postgres' ? await createRoleOfDocs(flowfuse.url) : null
  const db = await openFlowFuseDatabase(role?.url ?? flowfuse.url)
  const store = createFlowFuseStore(db, PLATFORM_ID, 'https://flowfuse.example.com')
  const { user, team, application, instance, bareApplication } = store.ids
  const nobody = { sessionUser: async () => null, authenticateInstance: async () => null }

  return {
    directory: createFlowFuseDirectory(store, nobody),
    createUser: async (username) => user.encode(await flowfuse.createUser(username)),
    createTeam: async (slug) => team.encode(await flowfuse.createTeam(slug)),
    createApplication: async (teamId, name) => {
      const number = Number(team.decode(teamId))
      return application.encode(await flowfuse.createApplication(number, name), number)
    },
    createInstance: async (applicationId, name) => {
      const place = application.decode(applicationId) ?? { id: 0, team: 0 }
      return instance.encode(await flowfuse.createInstance(place.id, name), place.team)
    },
    addMember: (teamId, userId, role) =>
      flowfuse.insertMember(Number(team.decode(teamId)), Number(user.decode(userId)), role),
    setRole: (teamId, userId, role) =>
      flowfuse.run(`UPDATE "TeamMembers" SET "role" = $1 WHERE "TeamId" = $2 AND "UserId" = $3`, [
        role,
        team.decode(teamId),
        user.decode(userId),
      ]),
    removeMember: (teamId, userId) =>
      flowfuse.run(`DELETE FROM "TeamMembers" WHERE "TeamId" = $1 AND "UserId" = $2`, [
        team.decode(teamId),
        user.decode(userId),
      ]),
    setOverride: (applicationId, userId, role) =>
      flowfuse.run(`UPDATE "TeamMembers" SET "permissions" = $1 WHERE "UserId" = $2`, [
        JSON.stringify({
          applications: { [bareApplication.encode(application.decode(applicationId)?.id ?? 0)]: role },
        }),
        user.decode(userId),
      ]),
    suspendUser: (id) =>
      flowfuse.run(`UPDATE "Users" SET "suspended" = $1 WHERE "id" = $2`, [yes(dialect), user.decode(id)]),
    suspendTeam: (id) =>
      flowfuse.run(`UPDATE "Teams" SET "suspended" = $1 WHERE "id" = $2`, [yes(dialect), team.decode(id)]),
    async moveApplication(id, teamId) {
      const bind = [team.decode(teamId), application.decode(id)?.id]
      await flowfuse.run(`UPDATE "Applications" SET "TeamId" = $1 WHERE "id" = $2`, bind)
      await flowfuse.run(`UPDATE "Projects" SET "TeamId" = $1 WHERE "ApplicationId" = $2`, bind)
    },
    deleteUser: (id) => flowfuse.run(`DELETE FROM "Users" WHERE "id" = $1`, [user.decode(id)]),
    deleteInstance: (id) => flowfuse.run(`DELETE FROM "Projects" WHERE "id" = $1`, [instance.decode(id)?.id]),
    async close() {
      await db.close()
      await role?.drop()
      await flowfuse.cleanup()
    },
  }
}

const yes = (dialect: Dialect) => (dialect === 'sqlite' ? 1 : true)
