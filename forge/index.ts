import type { FastifyPluginAsync } from 'fastify'
import type { Sequelize } from 'sequelize'

import { refuseCrossSite } from './access/same-site.ts'
import { createAuditWorker, type AuditSinks } from './audit/audit-worker.ts'
import { createAudit } from './audit/audit.ts'
import { defineAuditModels } from './audit/model.ts'
import { auditRoutes } from './audit/routes.ts'
import type { Directory } from './directory/directory.ts'
import type { SecretKeys } from './keys.ts'
import { introspectionRoute } from './oauth/introspection.ts'
import { createPolicies } from './policy/policy.ts'
import { createLastUse } from './tokens/last-use.ts'
import { defineTokenModels } from './tokens/model.ts'
import { createProofs } from './tokens/proofs.ts'
import { tokenRoutes } from './tokens/routes.ts'
import { createSecretGuard } from './tokens/secret.ts'

export type { AuditSinks } from './audit/audit-worker.ts'
export type { Directory } from './directory/directory.ts'
export { createSecretKeys, type SecretKeys } from './keys.ts'

export interface ForgePatOptions {
  /** A connection on which the module's migrations have run. */
  db: Sequelize
  directory: Directory
  keys: SecretKeys
  /** The address at which people and instances use the forge, with the mount path. It is the OAuth issuer too. */
  baseUrl: string
  /** Live tokens that one person may have; 50 unless said otherwise. */
  maxTokensPerUser?: number
  /** Where the audit is streamed to, besides being kept. */
  auditSinks?: AuditSinks
}

/**
 * Personal access tokens for a forge: the one plugin that a forge registers, under its mount path as `prefix`.
 * What a request passes, in this order: session or instance credential, schema, action, decision.
 */
export const forgePat: FastifyPluginAsync<ForgePatOptions> = async (app, options) => {
  const { db, directory, keys, baseUrl, maxTokensPerUser = 50, auditSinks = {} } = options
  const models = defineTokenModels(db)
  const guard = createSecretGuard(keys)
  const lastUse = createLastUse(db, (error) => app.log.error(error, 'the last use of a token was not written'))
  app.addHook('onClose', () => lastUse.close())

  const audit = createAudit(db, keys, (error) => app.log.error(error, 'a refusal was not written to the audit'))
  const auditWorker = createAuditWorker({
    db,
    keys,
    sinks: auditSinks,
    onError: (error, what) => app.log.error(error, what),
  })
  app.addHook('onReady', async () => auditWorker.start())
  app.addHook('onClose', async () => {
    await audit.close()
    await auditWorker.close()
  })

  const policies = createPolicies(db)
  const store = { db, models, directory, policies, guard, audit, maxTokensPerUser }
  await app.register(
    async (api) => {
      api.addHook('onRequest', refuseCrossSite(baseUrl))
      await api.register(tokenRoutes, { prefix: '/tokens', store })
      await api.register(auditRoutes, { store: { models: defineAuditModels(db), directory } })
    },
    { prefix: '/api/v1' },
  )

  const verifier = { db, guard, proofs: createProofs() }
  const oauth = { ...verifier, store, directory, lastUse, issuer: baseUrl, auditKey: keys.derive('audit reference') }
  await app.register(introspectionRoute, { prefix: '/oauth', ...oauth })
}
