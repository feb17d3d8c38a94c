import { setTimeout as sleep } from 'node:timers/promises'

import type { FastifyInstance } from 'fastify'
import { ConnectionError, type Sequelize } from 'sequelize'

import { ConfigError, type Config } from './config.ts'
import { migrate, openDatabase } from './database.ts'
import { loadSecretKeys } from './secret-key.ts'
import { buildForge } from './server.ts'
import { applyProvidersFile } from './sso/provider-file.ts'
import { createVault } from './sso/vault.ts'
import { createStore } from './store.ts'
import { startTracing } from './tracing/tracing.ts'
import { createFirstAdmin, createSetupCode, isSetupNeeded } from './users/first-admin.ts'
import { createPasswords } from './users/passwords.ts'

export interface RunningServer {
  app: FastifyInstance
  /** Goes on serving for a while, as a forge that is not ready any more; then lets go of the port and the databases. */
  close(): Promise<void>
}

export interface RunningForge extends RunningServer {
  db: Sequelize
  /** Where the first administrator is set up, once; null when there is a user already. */
  setupLink: string | null
}

/**
 * Opens and migrates the database, and serves.
 * @throws {ConfigError} when a setting does not fit what is there
 */
export async function startForge(config: Config): Promise<RunningForge> {
  const keys = await loadSecretKeys(config)
  const db = await connect(config.databaseUrl)
  const setupCode = createSetupCode()
  const tracing = await startTracing(config.tracing, (error) => app.log.warn(error, 'traces could not be sent'))
  const app: FastifyInstance = await buildForge(config, { db, keys, settings: config.settings, setupCode, tracing })

  const close = async () => {
    await app.close()
    await db.close()
    await tracing?.close()
  }
  try {
    await migrate(db, app.log)
    await applyProvidersFile({ store: createStore(db), vault: createVault(keys) }, config.ssoProvidersFile)
    await createConfiguredAdmin(config, db)
    const needed = await isSetupNeeded(createStore(db))
    await listen(app, config)
    // The code stands in the fragment, which no browser sends: it is in no log of a server or a proxy.
    return {
      app,
      db,
      setupLink: needed ? `${config.baseUrl}/setup#${setupCode.code}` : null,
      close: drainThen(app, config, close),
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** @returns what closes, once balancers have had the time to find out */
export function drainThen(
  app: FastifyInstance,
  { drainSeconds }: Pick<Config, 'drainSeconds'>,
  close: () => Promise<void>,
): () => Promise<void> {
  return async () => {
    app.beginDrain()
    await sleep(drainSeconds * 1_000)
    await close()
  }
}

/** @throws {ConfigError} */
export async function connect(databaseUrl: string): Promise<Sequelize> {
  try {
    return await openDatabase(databaseUrl)
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    throw new ConfigError(`DATABASE_URL names a database that cannot be opened: ${error.parent.message}.`)
  }
}

async function createConfiguredAdmin({ firstAdmin }: Config, db: Sequelize): Promise<void> {
  if (firstAdmin)
    await createFirstAdmin(createStore(db), createPasswords(), { name: firstAdmin.username, ...firstAdmin })
}

/** @throws {ConfigError} */
export async function listen(app: FastifyInstance, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw listenProblem(error, host, port) ?? error
  }
}

function listenProblem(error: unknown, host: string, port: number): ConfigError | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigError(`PORT ${port} is in use by another program; choose another one.`)
    case 'EACCES':
      return new ConfigError(`PORT ${port} needs rights that this program does not have; choose one above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError(`HOST ${host} is no address of this machine.`)
    default:
      return null
  }
}
