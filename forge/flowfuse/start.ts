import { migrateModule } from '../host/database.ts'
import { loadSecretKeys } from '../host/secret-key.ts'
import { connect, drainThen, listen, type RunningServer } from '../host/start.ts'
import { requireColumns } from './columns.ts'
import type { SidecarConfig } from './config.ts'
import { createFlowFuse } from './flowfuse.ts'
import { findPlatformId } from './ids.ts'
import { openFlowFuseDatabase } from './open-database.ts'
import { buildSidecar } from './server.ts'

/**
 * Opens both databases, migrates our own, and serves. FlowFuse itself may be down meanwhile.
 * @throws {ConfigError} when a setting does not fit what is there
 */
export async function startSidecar(config: SidecarConfig): Promise<RunningServer> {
  const flowfuseDb = await openFlowFuseDatabase(config.flowfuseDatabaseUrl)
  const opened: { close(): Promise<unknown> }[] = [flowfuseDb]
  const close = async () => {
    for (const each of opened.toReversed()) await each.close()
  }
  try {
    await requireColumns(flowfuseDb)
    const platformId = config.flowfuseInstanceId ?? (await findPlatformId(flowfuseDb))
    const keys = await loadSecretKeys(config)
    const db = await connect(config.databaseUrl)
    opened.push(db)

    const flowfuse = createFlowFuse(config.flowfuseUrl)
    const app = await buildSidecar(config, { db, keys, settings: config.settings, flowfuse, flowfuseDb, platformId })
    opened.push(app)
    await migrateModule(db, app.log)
    await listen(app, config)
    return { app, close: drainThen(app, config, close) }
  } catch (error) {
    await close()
    throw error
  }
}
