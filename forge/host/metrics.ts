import { createHash, timingSafeEqual } from 'node:crypto'

import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Sequelize } from 'sequelize'

import { ForgeError } from '../errors/forge-error.ts'

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
/** A scraper comes every few seconds; whoever guesses at the token comes more often. */
const PER_ADDRESS = { max: 120, timeWindow: '1 minute' }

/** What this process and its requests do; the module adds its own. @returns null where nobody asked for metrics */
export function collectMetrics(app: FastifyInstance, db: Sequelize, token: string | null): Registry | null {
  if (token === null) return null

  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  timeRequests(app, registry)
  watchConnections(db, registry)
  return registry
}

/**
 * By route template, never by path: paths hold ids. The bound child is found by the route's own config object, so that a
 * request makes no new label.
 */
function timeRequests(app: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: 'forge_http_request_duration_seconds',
    help: 'How long answers took, by the template of their route.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  })
  const childrenOf = new WeakMap<object, (Histogram.Internal<string> | undefined)[]>()

  app.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
    const { config, url = 'none' } = routeOptions
    if (config.endless) return done()

    const children = childrenOf.get(config) ?? []
    if (children.length === 0) childrenOf.set(config, children)
    const family = Math.floor(reply.statusCode / 100)
    const child = (children[family] ??= durations.labels(method, url, `${family}xx`))
    child.observe(reply.elapsedTime / 1000)
    done()
  })
}

/** The pool as sequelize-pool has it; SQLite has none. */
interface ConnectionPool {
  size: number
  available: number
  using: number
  waiting: number
}

function watchConnections(db: Sequelize, registry: Registry): void {
  new Gauge({
    name: 'forge_database_connections',
    help: 'Connections to the database in use and idle, and requests that wait for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { pool } = db.connectionManager as unknown as { pool?: ConnectionPool }
      if (!pool || db.getDialect() !== 'postgres') return
      this.set({ state: 'used' }, pool.using)
      this.set({ state: 'idle' }, pool.available)
      this.set({ state: 'waiting' }, pool.waiting)
    },
  })
}

export interface MetricsRouteOptions {
  registry: Registry
  /** Who has it may read. */
  token: string
}

/** `GET /metrics`, for who has the token. */
export const metricsRoute: FastifyPluginAsync<MetricsRouteOptions> = async (app, { registry, token }) => {
  app.get(
    '/metrics',
    {
      config: { rateLimit: PER_ADDRESS },
      schema: {
        tags: ['Health'],
        security: [{ metricsToken: [] }],
        summary: 'Numbers for Prometheus',
        description:
          'Only where the forge was given `METRICS_TOKEN`. Counts and times, nothing of a person or a token.',
        response: { 200: { type: 'string', description: 'Prometheus text format.' } },
      },
      onRequest: async (request, reply) => {
        reply.header('cache-control', 'no-store')
        if (mayRead(request, token)) return
        reply.header('www-authenticate', 'Bearer realm="metrics"')
        throw new ForgeError('unauthorized', 'This needs the token in METRICS_TOKEN, as a bearer.')
      },
    },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  )
}

/** In constant time. */
function mayRead({ headers }: FastifyRequest, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`))
}
