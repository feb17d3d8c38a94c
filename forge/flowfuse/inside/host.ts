import type { FastifyInstance } from 'fastify'
import type { Sequelize } from 'sequelize'

/** FlowFuse's own application, as far as we use it: what it has decorated itself with by the time it is ready. */
export interface FlowFuseApp extends FastifyInstance {
  config: { base_url: string; home: string; db: { type?: string } }
  db: {
    sequelize: Sequelize
    models: { AuditLog: { create(row: AuditLogRow): Promise<unknown> } }
  }
}

/** A row of FlowFuse's audit log. */
export interface AuditLogRow {
  event: string
  /** JSON. */
  body: string
  entityType: 'user' | 'team' | 'platform'
  entityId: string | null
  UserId: number | null
  createdAt: Date
}

/** Whether an application is a FlowFuse's; others in its process are left alone, and so is ours. */
export function isFlowFuse(app: FastifyInstance): boolean {
  return app.hasDecorator('verifySession') && app.hasDecorator('db') && app.hasDecorator('auditLog')
}

/** What stands where in it, by what we read it with. */
const PARTS: Record<string, (app: FlowFuseApp) => unknown> = {
  'app.config.base_url': (app) => app.config.base_url,
  'app.config.home': (app) => app.config.home,
  'app.db.sequelize.query': (app) => app.db.sequelize.query,
  'app.db.models.AuditLog.create': (app) => app.db.models.AuditLog.create,
}

/** @throws {Error} naming what this version of FlowFuse does not have */
export function asFlowFuse(app: FastifyInstance): FlowFuseApp {
  const flowfuse = app as FlowFuseApp
  const missing = Object.keys(PARTS).filter((name) => !has(flowfuse, PARTS[name]))
  if (missing.length === 0) return flowfuse

  throw new Error(
    `forge-pat does not know this FlowFuse from inside: it has no ${missing.join(', no ')}. ` +
      'Run forge-pat beside it instead (docs/admin/flowfuse.md).',
  )
}

function has(app: FlowFuseApp, read: ((app: FlowFuseApp) => unknown) | undefined): boolean {
  try {
    return Boolean(read?.(app))
  } catch {
    return false // Something on the way there is missing.
  }
}
