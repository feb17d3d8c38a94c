import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'

import { connect, type RunningServer } from '../../host/start.ts'
import { migrateModule } from '../../host/database.ts'
import { loadSecretKeys } from '../../host/secret-key.ts'
import { mountPathOf } from '../../host/shell.ts'
import type { Environment } from '../../host/config.ts'
import { requireColumns } from '../columns.ts'
import { createIds, findPlatformId } from '../ids.ts'
import { buildSidecar } from '../server.ts'
import { createInsideFlowFuse } from './ask.ts'
import { flowFuseAuditLog } from './audit-log.ts'
import { readInsideConfig, type InsideConfig } from './config.ts'
import { asFlowFuse, type FlowFuseApp } from './host.ts'

/** Ours, inside a FlowFuse. */
export interface Inside {
  /** Where it stands at FlowFuse's address. */
  mountPath: string
  /** Hands what comes to that path over. For FlowFuse's application. */
  plugin: FastifyPluginAsync
}

/**
 * Makes everything ready to stand inside a FlowFuse whose own parts are all registered.
 *
 * Its Fastify hands the requests below our path over to one of ours, as Node has them: FlowFuse's has other rules for
 * bodies, errors, limits and headers, and in older versions it is a Fastify that no plugin of today fits into.
 * @throws {ConfigError} when a setting does not fit what is there
 */
export async function prepareInside(app: FastifyInstance, environment: Environment): Promise<Inside> {
  const flowfuse = asFlowFuse(app)
  const config = readInsideConfig(environment, flowfuse)
  const ours = await startInside(flowfuse, config)
  const mountPath = mountPathOf(config.baseUrl)
  return { mountPath, plugin: handOver(ours, mountPath) }
}

async function startInside(flowfuse: FlowFuseApp, config: InsideConfig): Promise<RunningServer> {
  const flowfuseDb = flowfuse.db.sequelize
  await requireColumns(flowfuseDb)
  const platformId = await findPlatformId(flowfuseDb)
  const keys = await loadSecretKeys(config)
  const db = await connect(config.databaseUrl)

  const opened: { close(): Promise<unknown> }[] = [db]
  const close = async () => {
    for (const each of opened.toReversed()) await each.close()
  }
  try {
    const host = flowFuseAuditLog(flowfuse, createIds(platformId))
    const app = await buildSidecar(config, {
      db,
      keys,
      settings: { ...config.settings, auditSinks: { ...config.settings.auditSinks, host } },
      flowfuse: createInsideFlowFuse(flowfuse),
      flowfuseDb,
      platformId,
    })
    opened.push(app)
    await migrateModule(db, app.log)
    await app.ready()
    return { app, close }
  } catch (error) {
    await close()
    throw error
  }
}

function handOver({ app: ours, close }: RunningServer, mountPath: string): FastifyPluginAsync {
  return async (app) => {
    // Bodies are read by ours.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    const handler = (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack()
      ours.routing(request.raw, reply.raw)
    }
    // Ours has limits of its own. FlowFuse's are by the address that a proxy names, the same for all instances.
    const options = { config: { rateLimit: false as const } }
    for (const path of [mountPath, `${mountPath}/*`, `/.well-known/oauth-authorization-server${mountPath}`]) {
      app.all(path, options, handler)
    }
    // Before the server waits for its connections: those of instances that listen for events end here.
    app.addHook('preClose', close)
  }
}
