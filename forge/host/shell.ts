import { fileURLToPath } from 'node:url'

import rateLimit from '@fastify/rate-limit'
import fastify, { LogController, type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import type { Sequelize } from 'sequelize'

import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'
import { metadataRoute, type SecretKeys } from '../index.ts'
import { openExchange } from '../limits/exchange.ts'
import type { Config } from './config.ts'
import { prepareDrain } from './drain.ts'
import { loggerOptions, logRequests, type LogStream } from './logging.ts'
import { collectMetrics, type MetricsRouteOptions } from './metrics.ts'
import { servePages } from './pages.ts'
import { protectiveHeaders } from './protective-headers.ts'
import { rateLimitStore } from './rate-limit-store.ts'
import { requestIds, tellRequestIds } from './request-id.ts'
import { requestLog } from './request-log.ts'
import { buildSerializer } from './serializers.ts'
import type { Tracing } from './tracing/tracing.ts'
import { dropUnusedConnections } from './unused-connections.ts'

/** Nothing that people or instances send is larger; a token with 100 grants is about 8 KiB. */
const BODY_LIMIT_BYTES = 64 * 1024

/** dist/frontend, seen from the source and from what is built of it. */
const BUILT_PAGES = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/frontend' : '../../frontend', import.meta.url),
)

export type ShellConfig = Pick<Config, 'baseUrl' | 'trustProxy' | 'logLevel'> & Partial<Pick<Config, 'metricsToken'>>

export interface ShellOptions {
  /** A migrated database; closing it stays with the caller. */
  db: Sequelize
  keys: SecretKeys
  /** What makes traces of all this, where somebody asked for them. */
  tracing?: Tracing | null
  /** Where log lines go instead of stdout. */
  logStream?: LogStream
  /** Folder of the built pages. */
  pagesFolder?: string
}

export const mountPathOf = (baseUrl: string) => new URL(baseUrl).pathname.replace(/\/$/, '')

export interface Shell {
  app: FastifyInstance
  /** What `metricsRoute` takes; null where nobody asked for metrics. */
  metrics: MetricsRouteOptions | null
}

/**
 * A server without routes: what it logs, whom it believes, what it counts, and what every answer carries.
 * @param rendererFor what renders an error before there is a route, by the address
 */
export async function createShell(
  config: ShellConfig,
  { db, keys, tracing, logStream }: ShellOptions,
  rendererFor: (url: string) => typeof renderApiError = () => renderApiError,
): Promise<Shell> {
  const app = fastify({
    logger: loggerOptions(config.logLevel, logStream),
    // Requests are logged by `logRequests`, without their headers.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: requestLog,
    trustProxy: config.trustProxy,
    genReqId: requestIds(config.trustProxy),
    bodyLimit: BODY_LIMIT_BYTES,
    // A stopping forge finishes what it was asked and drops who only keeps a connection open.
    forceCloseConnections: 'idle',
    // What still comes over a connection that is open is answered like all before it, and the connection closed.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) =>
      rendererFor(request.url)(error, request, reply.header('x-request-id', request.id)),
    routerOptions: { ignoreTrailingSlash: true },
    schemaController: { compilersFactory: { buildSerializer } },
  })
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)
  app.removeContentTypeParser('text/plain')
  logRequests(app, config.logLevel)
  tellRequestIds(app)
  tracing?.traceRequests(app)
  tracing?.traceDatabase(db)
  const registry = collectMetrics(app, db, config.metricsToken ?? null)
  dropUnusedConnections(app)
  prepareDrain(app, `${mountPathOf(config.baseUrl)}/health/ready`)

  const { toBrowsers, toPrograms } = protectiveHeaders(config.baseUrl)
  app.addHook('onRequest', ({ routeOptions }, reply, done) => {
    reply.headers(routeOptions.config.onlyPrograms ? toPrograms : toBrowsers)
    done()
  })
  const exchange = openExchange(db, keys, app.log)
  app.addHook('onClose', () => exchange?.close())
  await app.register(rateLimit, { global: false, ...(exchange ? { store: rateLimitStore(exchange) } : {}) })
  return { app, metrics: registry && config.metricsToken ? { registry, token: config.metricsToken } : null }
}

/** Puts everything below the mount path: the routes, what clients find them by, and the pages. */
export async function mountBelow(
  app: FastifyInstance,
  { baseUrl }: ShellConfig,
  {
    pagesFolder = BUILT_PAGES,
    besideFlowFuse = false,
  }: Pick<ShellOptions, 'pagesFolder'> & { besideFlowFuse?: boolean },
  routes: FastifyPluginAsync,
): Promise<void> {
  const mountPath = mountPathOf(baseUrl)
  await app.register(routes, { prefix: mountPath })
  if (mountPath !== '') await app.register(metadataRoute, { issuer: baseUrl, path: mountPath })
  await servePages(app, { folder: pagesFolder, mountPath, besideFlowFuse })
}
