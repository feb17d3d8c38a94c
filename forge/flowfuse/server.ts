import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { Sequelize } from 'sequelize'

import { refuseCrossSite } from '../access/same-site.ts'
import { forgePat, type ForgePatSettings } from '../index.ts'
import { documentRoutes } from '../host/documentation.ts'
import { metricsRoute } from '../host/metrics.ts'
import { createShell, mountBelow, type Shell, type ShellConfig, type ShellOptions } from '../host/shell.ts'
import { placeOfInstance } from './access.ts'
import { createFlowFuseCredentials } from './credentials.ts'
import { createFlowFuseDirectory } from './directory.ts'
import type { FlowFuse } from './flowfuse.ts'
import { sidecarHealthRoutes } from './health.ts'
import { flowFuseRoutes } from './routes.ts'
import { createFlowFuseSessions } from './sessions.ts'
import { createFlowFuseStore } from './store.ts'

export interface SidecarOptions extends ShellOptions {
  settings?: ForgePatSettings
  flowfuse: FlowFuse
  /** FlowFuse's database; closing it stays with the caller. */
  flowfuseDb: Sequelize
  /** FlowFuse's id of itself. */
  platformId: string
}

/** Everything of ours for a FlowFuse that runs beside us, as a Fastify app that does not listen yet. */
export async function buildSidecar(config: ShellConfig, options: SidecarOptions): Promise<FastifyInstance> {
  const { app, metrics } = await createShell(config, options)
  await mountBelow(app, config, { ...options, besideFlowFuse: true }, mountSidecar(config, options, metrics))
  return app
}

function mountSidecar(
  { baseUrl }: ShellConfig,
  options: SidecarOptions,
  metrics: Shell['metrics'],
): FastifyPluginAsync {
  const { db, keys, settings, flowfuse, flowfuseDb, platformId } = options
  const store = createFlowFuseStore(flowfuseDb, platformId, new URL(baseUrl).origin)
  const sessions = createFlowFuseSessions({ store, flowfuse })
  const credentials = createFlowFuseCredentials(flowfuse, (uuid) => placeOfInstance(store, uuid))
  const directory = createFlowFuseDirectory(store, {
    sessionUser: (request) => sessions.personOf(request),
    authenticateInstance: (presented) => credentials.authenticate(presented),
  })

  return async (app) => {
    await documentRoutes(app, baseUrl)
    const module = { ...settings, db, keys, baseUrl, directory }
    await app.register(forgePat, { ...module, ...(metrics ? { metrics: metrics.registry } : {}) })
    if (metrics) await app.register(metricsRoute, metrics)
    await app.register(
      async (api) => {
        api.addHook('onRequest', refuseCrossSite(baseUrl))
        api.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
        await api.register(flowFuseRoutes, { store, sessions })
      },
      { prefix: '/api/v1' },
    )
    await app.register(sidecarHealthRoutes, { prefix: '/health', db, flowfuse, flowfuseDb })
  }
}
