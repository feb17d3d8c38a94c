import type { FastifyInstance, FastifyPluginAsync } from 'fastify'

import { refuseCrossSite } from './access/same-site.ts'
import { createAudit } from './audit/audit.ts'
import { createEntryIds } from './audit/entry-id.ts'
import { defineAuditModels } from './audit/model.ts'
import { auditRoutes } from './audit/routes.ts'
import { runInBackground } from './background.ts'
import { createChanges, type Changes } from './changes/changes.ts'
import { settleBeforeAnswer } from './changes/settle.ts'
import { instanceEventsRoute } from './instances/events-route.ts'
import { createPush } from './instances/push.ts'
import { revocationProgressRoute } from './instances/revocation-route.ts'
import { createRoster } from './instances/roster.ts'
import { noticeRoutes } from './notices/routes.ts'
import { createClients } from './oauth/clients.ts'
import { deviceAuthorizationRoute } from './oauth/device-authorization.ts'
import { createDeviceCodes } from './oauth/device-codes.ts'
import { deviceRoutes } from './oauth/device-routes.ts'
import { introspectionRoute } from './oauth/introspection.ts'
import { metadataRoute } from './oauth/metadata.ts'
import { revocationRoute } from './oauth/revocation.ts'
import { teamClientRoutes } from './oauth/team-client-routes.ts'
import { tokenRoute } from './oauth/token-endpoint.ts'
import { githubRoutes } from './leaks/github-routes.ts'
import { createInbox } from './leaks/inbox.ts'
import { createLeakReports } from './leaks/reports.ts'
import { leakRoutes } from './leaks/routes.ts'
import { openExchange } from './limits/exchange.ts'
import { createLimits } from './limits/limits.ts'
import { callRoutes } from './mcp/call-routes.ts'
import { instanceToolRoutes } from './mcp/instance-routes.ts'
import { toolRuleRoutes } from './mcp/rule-routes.ts'
import { tokenToolsRoute } from './mcp/token-tools-route.ts'
import { createMetrics } from './metrics.ts'
import { countOutcomes } from './oauth/outcomes.ts'
import type { ForgePatOptions } from './options.ts'
import { oversightRoutes } from './oversight/routes.ts'
import { createPolicies } from './policy/policy.ts'
import { createAuditRefs } from './tokens/audit-ref.ts'
import { cleanUp } from './tokens/cleanup.ts'
import { createHeldTokens } from './tokens/held-tokens.ts'
import { createLastUse } from './tokens/last-use.ts'
import { createMemory } from './tokens/memory.ts'
import { defineTokenModels } from './tokens/model.ts'
import { createProofs } from './tokens/proofs.ts'
import { createFacts } from './tokens/read-facts.ts'
import { createRekeyer } from './tokens/rekey.ts'
import { tokenRoutes } from './tokens/routes.ts'
import { createSecretGuard, traceSecretGuard } from './tokens/secret.ts'
import { NO_TRACER } from './tracer.ts'
import { whoAmIRoute } from './tokens/whoami-route.ts'
import { defineToolModels } from './tools/model.ts'
import { createWrongSecrets } from './tokens/wrong-secrets.ts'

export type { AuditSinks } from './audit/audit-worker.ts'
export type { Change } from './changes/change.ts'
export { createChanges, type Changes } from './changes/changes.ts'
export { settleBeforeAnswer } from './changes/settle.ts'
export type { Directory } from './directory/directory.ts'
export type { GithubAlertOptions } from './leaks/github-keys.ts'
export type { LimitOptions } from './limits/limits.ts'
export { metadataRoute } from './oauth/metadata.ts'
export type { MailOptions } from './notices/mailer.ts'
export type { ForgePatOptions, ForgePatSettings } from './options.ts'
export type { Span, Tracer } from './tracer.ts'
export { createSecretKeys, type SecretKeys } from './keys.ts'

/**
 * Personal access tokens for a forge: the one plugin that a forge registers, under its mount path as `prefix`.
 * What a request passes, in this order: session or instance credential, schema, action, decision.
 */
export const forgePat: FastifyPluginAsync<ForgePatOptions> = async (app, options) => {
  const { db, directory, keys, baseUrl, maxTokensPerUser = 50 } = options
  const changes = options.changes ?? listenTo(app, options)
  app.addHook('onSend', settleBeforeAnswer(changes))

  const models = defineTokenModels(db)
  const tracer = options.tracer ?? NO_TRACER
  const guard = traceSecretGuard(
    createSecretGuard(keys, (keyId) => app.log.warn({ keyId }, UNKNOWN_KEY)),
    tracer,
  )
  const closing = closeWith(app)
  const lastUse = closing(createLastUse(db, (error) => app.log.error(error, LOST_USE)))
  const audit = closing(createAudit(db, keys, (error) => app.log.error(error, LOST_REFUSAL)))

  const metrics = createMetrics(options.metrics)
  const heldTokens = createHeldTokens()
  const proofs = createProofs(heldTokens)
  const onStuck = (error: unknown) => app.log.error(error, 'a token was not moved to the current server key')
  const rekeyer = closing(createRekeyer({ db, guard, heldTokens, onError: onStuck }))

  const memory = createMemory({ changes, directory })
  const verifier = { facts: createFacts(db, directory), guard, proofs, rekeyer, heldTokens, memory }
  const policies = createPolicies(db)
  const exchange = closing(openExchange(db, keys, app.log))
  const limits = createLimits(options.limits, exchange)
  const store = { db, models, directory, policies, guard, audit, maxTokensPerUser }
  const tools = { db, models: defineToolModels(db), directory, audit }
  const wrongSecrets = closing(createWrongSecrets(store, (error) => app.log.error(error, LOST_REFUSAL)))
  const onLostReport = (error: unknown) => app.log.error(error, 'a leak report could not be looked at')
  const inbox = createInbox(db, keys)
  const reports = closing(createLeakReports({ store, verifier, inbox, onError: onLostReport }))

  const push = createPush()
  const { onConfirmed } = metrics
  const roster = createRoster(db, app.log)
  const ears = { db, changes, directory, log: app.log, onTold: metrics.onTold, tracer }
  const clients = createClients(db, options.clientDocuments)
  const codes = createDeviceCodes(db, keys)
  await app.register(
    async (api) => {
      api.addHook('onRequest', refuseCrossSite(baseUrl))
      await api.register(deviceRoutes, { prefix: '/device', store, codes, limits })
      await api.register(teamClientRoutes, { prefix: '/teams/:id/oauth-clients', store })
      await api.register(tokenRoutes, { prefix: '/tokens', store, limits })
      await api.register(revocationProgressRoute, { prefix: '/tokens', store })
      await api.register(whoAmIRoute, { store, verifier, wrongSecrets, limits })
      await api.register(leakRoutes, { reports, limits })
      if (options.githubAlerts) await api.register(githubRoutes, { reports, limits, alerts: options.githubAlerts })
      await api.register(oversightRoutes, { store })
      await api.register(toolRuleRoutes, { store: tools })
      await api.register(tokenToolsRoute, { store })
      await api.register(callRoutes, { log: { db, directory } })
      await api.register(noticeRoutes, { prefix: '/notices', db, directory })
      await api.register(instanceEventsRoute, { prefix: '/instance', ...ears, push, roster, limits, onConfirmed })
      await api.register(auditRoutes, { store: { models: defineAuditModels(db), directory } })
    },
    { prefix: '/api/v1' },
  )

  const auditRefs = createAuditRefs(keys)
  const onReported = metrics.onCallsReported
  const calls = { db, directory, auditRefs, lastUse, nextCallId: createEntryIds(), onReported }
  await app.register(instanceToolRoutes, { prefix: '/api/v1/instance', store: tools, calls, limits })

  const outcomes = countOutcomes()
  const oauth = { ...verifier, store, changes, directory, lastUse, wrongSecrets, limits, issuer: baseUrl }
  await app.register(introspectionRoute, { prefix: '/oauth', ...oauth, auditRefs, outcomes, tracer })
  await app.register(revocationRoute, { prefix: '/oauth', ...oauth, clients })
  await app.register(deviceAuthorizationRoute, { prefix: '/oauth', ...oauth, clients, codes })
  await app.register(tokenRoute, { prefix: '/oauth', ...oauth, clients, codes })
  await app.register(metadataRoute, { issuer: baseUrl })

  directory.onDeleted?.(() =>
    cleanUp(store).catch((error: unknown) => app.log.error(error, 'nothing was cleaned up after a deletion')),
  )
  runInBackground(app, options, { store, reports, metrics })

  const auditSinks = Object.keys(options.auditSinks ?? {})
  metrics.watch({ db, outcomes, proofs, memory, limits, push, changes, hostChanges: directory.changes, auditSinks })
}

/** The module's own ear, for a host that has none on this database. */
function listenTo(app: FastifyInstance, { db }: ForgePatOptions): Changes {
  const changes = createChanges(db, app.log)
  app.addHook('onReady', () => changes.start())
  app.addHook('onClose', () => changes.close())
  return changes
}

/** What is made with it is closed when the app is: what was made last, and may still use the others, first. */
function closeWith(app: FastifyInstance) {
  return <Part extends { close(): unknown } | null>(part: Part): Part => {
    app.addHook('onClose', async () => void (await part?.close()))
    return part
  }
}

const LOST_USE = 'the last use of a token was not written'
const LOST_REFUSAL = 'a refusal was not written to the audit'
const UNKNOWN_KEY =
  'tokens were made with a server key that is not here, and are refused: put it into FORGE_SECRET_KEYS_OLD'
