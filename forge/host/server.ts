import cookie from '@fastify/cookie'
import type { FastifyInstance } from 'fastify'
import type { Sequelize } from 'sequelize'

import { refuseCrossSite } from '../access/same-site.ts'
import { createAuditWriter } from '../audit/audit.ts'
import { createChanges } from '../changes/changes.ts'
import { settleBeforeAnswer } from '../changes/settle.ts'
import { renderApiError } from '../errors/render.ts'
import { startHousekeeper, type Housekeeper } from '../housekeeping/housekeeper.ts'
import type { Task } from '../housekeeping/task.ts'
import { forgePat, type ForgePatSettings, type SecretKeys } from '../index.ts'
import { everyKey } from '../keys.ts'
import { createCounts } from '../limits/counts.ts'
import { applicationRoutes } from './applications/routes.ts'
import { createDirectory } from './directory.ts'
import { documentRoutes } from './documentation.ts'
import { healthRoutes } from './health.ts'
import { createCredentials } from './instances/credentials.ts'
import { instanceRoutes } from './instances/routes.ts'
import { metricsRoute } from './metrics.ts'
import { createAttemptLimit, type AttemptLimit } from './sessions/attempt-limit.ts'
import { createSharedAttemptLimit } from './sessions/shared-attempts.ts'
import { createSessionCookie } from './sessions/cookie.ts'
import { requirePerson } from './sessions/person.ts'
import { accountRoutes } from './sessions/routes.ts'
import { createShell, mountBelow, mountPathOf, type Shell, type ShellConfig, type ShellOptions } from './shell.ts'
import { providerRoutes } from './sso/provider-routes.ts'
import { rekeySecrets } from './sso/rekey.ts'
import { ssoRoutes } from './sso/routes.ts'
import { samlRoutes } from './sso/saml/routes.ts'
import { createScimTokens, type Scim } from './sso/scim/connection.ts'
import { scimConnectionRoutes } from './sso/scim/connection-routes.ts'
import { scimRoutes } from './sso/scim/routes.ts'
import { renderScimError } from './sso/scim/scim-error.ts'
import { logoutUrl } from './sso/sign-out.ts'
import { createVault } from './sso/vault.ts'
import { ldapChecksTask } from './sso/ldap/checks.ts'
import { createDirectories } from './sso/ldap/directories.ts'
import type { Ldap } from './sso/ldap/ldap.ts'
import { directoryRoutes, ldapRoutes } from './sso/ldap/routes.ts'
import { createStore } from './store.ts'
import { memberRoutes } from './teams/member-routes.ts'
import { teamRoutes } from './teams/routes.ts'
import { createSetupCode, type SetupCode } from './users/first-admin.ts'
import { createPasswords } from './users/passwords.ts'
import { ownUserRoutes, userRoutes } from './users/routes.ts'

/** Wrong passwords for one user name: a guess every half minute, or 20 a minute from all over, cracks no password. */
const FAILED_SIGN_INS = { max: 10, maxFromAnywhere: 100, windowMs: 5 * 60_000 }

export interface ForgeOptions extends ShellOptions {
  /** What the module does otherwise than by itself. */
  settings?: ForgePatSettings
  /** The code of the set-up link; one that nobody knows when it is left out. */
  setupCode?: SetupCode
}

/** The whole forge as a Fastify app that does not listen yet. */
export async function buildForge(config: ShellConfig, options: ForgeOptions): Promise<FastifyInstance> {
  const { baseUrl } = config
  const scim = `${mountPathOf(baseUrl)}/scim/`
  const rendererFor = (url: string) => (url.startsWith(scim) ? renderScimError : renderApiError)
  const { app, metrics } = await createShell(config, options, rendererFor)

  // It signs with the first, and takes what any of them signed.
  await app.register(cookie, { secret: everyKey(options.keys).map((key) => key.derive('cookie')) })
  await mountBelow(app, config, options, (forge) => mountForge(forge, { ...options, baseUrl, metrics }))
  return app
}

type MountOptions = ForgeOptions & Pick<ShellConfig, 'baseUrl'> & Pick<Shell, 'metrics'>

/** Everything below the mount path but the pages. */
async function mountForge(app: FastifyInstance, options: MountOptions): Promise<void> {
  const { db, keys, baseUrl, settings, metrics, tracing, setupCode = createSetupCode() } = options
  const store = createStore(db)
  const sessions = { store, cookie: createSessionCookie(baseUrl) }
  const credentials = createCredentials(store, keys, (error) =>
    app.log.error(error, 'the last use of an instance credential was not written'),
  )
  app.addHook('onClose', () => credentials.close())

  const changes = createChanges(db, app.log)
  app.addHook('onReady', () => changes.start())
  app.addHook('onClose', () => changes.close())
  const audit = createAuditWriter(db, keys)
  const sso: Scim = { sessions, vault: createVault(keys), audit, baseUrl, log: app.log, tokens: createScimTokens(keys) }
  app.addHook('onReady', () => rekeySecrets(sso))

  await documentRoutes(app, baseUrl)
  const directory = createDirectory(sessions, credentials, changes)
  const traced = tracing ? { tracer: tracing.tracer } : {}
  const module = { ...settings, ...traced, db, keys, baseUrl, directory, changes }
  await app.register(forgePat, { ...module, ...(metrics ? { metrics: metrics.registry } : {}) })
  if (metrics) await app.register(metricsRoute, metrics)

  const guards = { passwords: createPasswords(), attempts: limitAttempts(db, keys) }
  const directories = createDirectories(sso.vault)
  const ldap: Ldap = { ...sso, directories, attempts: guards.attempts, checking: new Map() }
  if (settings?.housekeeping ?? true) tendHouse(app, db, [ldapChecksTask(ldap)])
  await app.register(
    async (account) => {
      account.addHook('onRequest', refuseCrossSite(baseUrl))
      account.addHook('onSend', settleBeforeAnswer(changes))
      account.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
      const logout = { logoutUrl: (sealed: string | null) => logoutUrl(sso, sealed) }
      await account.register(accountRoutes, { sessions, audit, setupCode, ...logout, ...guards })
      await account.register(ssoRoutes, { prefix: '/sso', sso })
      await account.register(ldapRoutes, { prefix: '/sso', ldap })
    },
    { prefix: '/account' },
  )
  await app.register(
    async (saml) => {
      saml.addHook('onSend', settleBeforeAnswer(changes))
      saml.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
      await saml.register(samlRoutes, { sso })
    },
    { prefix: '/account/sso' },
  )
  await app.register(
    async (api) => {
      api.addHook('onRequest', refuseCrossSite(baseUrl))
      api.addHook('onSend', settleBeforeAnswer(changes))
      api.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
      api.addHook('onRequest', requirePerson(sessions))
      await api.register(ownUserRoutes, { prefix: '/user', store, ...guards })
      await api.register(userRoutes, { prefix: '/users', store, ...guards })
      await api.register(teamRoutes, { prefix: '/teams', store })
      await api.register(memberRoutes, { prefix: '/teams/:teamId/members', store })
      await api.register(applicationRoutes, { prefix: '/applications', store })
      await api.register(instanceRoutes, { prefix: '/instances', store, credentials })
      await api.register(providerRoutes, { prefix: '/sso/providers', sso })
      await api.register(directoryRoutes, { prefix: '/sso/providers', ldap })
      await api.register(scimConnectionRoutes, { prefix: '/sso/providers/:id/scim', scim: sso })
    },
    { prefix: '/api/v1' },
  )
  await app.register(
    async (scim) => {
      scim.addHook('onSend', settleBeforeAnswer(changes))
      await scim.register(scimRoutes, { scim: sso })
    },
    { prefix: '/scim/v2' },
  )
  await app.register(healthRoutes, { prefix: '/health', db, changes })
}

function limitAttempts(db: Sequelize, keys: SecretKeys): AttemptLimit {
  return db.getDialect() === 'postgres'
    ? createSharedAttemptLimit(createCounts(db, keys), FAILED_SIGN_INS)
    : createAttemptLimit(FAILED_SIGN_INS)
}

/** What the host does without a request, once however many forges there are. */
function tendHouse(app: FastifyInstance, db: Sequelize, tasks: Task[]): void {
  let housekeeper: Housekeeper | null = null
  app.addHook('onReady', async () => void (housekeeper = startHousekeeper({ db, tasks, log: app.log })))
  app.addHook('onClose', () => housekeeper?.close())
}
