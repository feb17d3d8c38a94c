import { createServer, type AddressInfo } from 'node:net'

import type { FastifyInstance } from 'fastify'
import type { Sequelize } from 'sequelize'

import type { Config } from '../../forge/host/config.ts'
import type { LogStream } from '../../forge/host/logging.ts'
import { buildForge } from '../../forge/host/server.ts'
import { createStore, type HostStore } from '../../forge/host/store.ts'
import { createSetupCode } from '../../forge/host/users/first-admin.ts'
import type { Tracing } from '../../forge/host/tracing/tracing.ts'
import { createSecretKeys, type SecretKeys } from '../../forge/keys.ts'
import type { ForgePatSettings } from '../../forge/options.ts'
import { createUser, type TestUser } from './builders.ts'
import { createTestDatabase, type Dialect } from './database.ts'

export interface TestForgeOptions extends Partial<Pick<Config, 'logLevel' | 'trustProxy' | 'metricsToken'>> {
  dialect?: Dialect
  /** A migrated database that outlives the forge; the test cleans it up. */
  db?: Sequelize
  /** Whether to listen on a port of 127.0.0.1. Without it `app.inject` reaches everything. */
  listen?: boolean
  /** Such as `/pat`. */
  mountPath?: string
  /** For https, or a name of its own, where nothing listens. Without a mount path. */
  origin?: string
  pagesFolder?: string
  tracing?: Tracing
  logStream?: LogStream
  /** Leave the forge without any user. */
  empty?: boolean
  /** Other server keys than those that every test has. */
  keys?: SecretKeys
  /** What the module does otherwise than by itself. It does nothing at a moment of its own, unless it is told to. */
  settings?: ForgePatSettings
}

export interface TestForge {
  app: FastifyInstance
  /** Where the forge is used: the origin and the mount path, no slash at its end. */
  url: string
  db: Sequelize
  store: HostStore
  keys: SecretKeys
  /** An administrator who is in no team. */
  admin: TestUser
  /** What the set-up link would hold. */
  setupCode: string
  /** Stops the forge; its database goes too unless it was given. */
  close(): Promise<void>
}

/** What every forge of a run stands on, unless its test asks for one of the two. */
const DIALECT: Dialect = process.env['FORGE_TEST_DIALECT'] === 'postgres' ? 'postgres' : 'sqlite'

export const TEST_SECRET_KEY = Buffer.alloc(32, 7).toString('base64')

/** A whole forge on a fresh database. */
export async function startForge(options: TestForgeOptions = {}): Promise<TestForge> {
  const database = options.db ? null : await createTestDatabase(options.dialect ?? DIALECT)
  const db = options.db ?? database?.db
  if (!db) throw new Error('no database')

  const port = options.listen ? await freePort() : null
  const origin = options.origin ?? (port === null ? 'http://forge.test' : `http://127.0.0.1:${port}`)
  const url = origin + (options.mountPath ?? '')
  const keys = options.keys ?? createSecretKeys(TEST_SECRET_KEY)
  const setupCode = createSetupCode()

  const {
    logLevel = 'silent',
    trustProxy = false,
    metricsToken = null,
    settings = {},
    pagesFolder,
    logStream,
    tracing,
  } = options
  const app = await buildForge(
    { baseUrl: url, logLevel, trustProxy, metricsToken },
    {
      db,
      keys,
      settings: { housekeeping: false, ...settings },
      setupCode,
      tracing: tracing ?? null,
      ...(pagesFolder === undefined ? {} : { pagesFolder }),
      ...(logStream === undefined ? {} : { logStream }),
    },
  )
  if (port === null) await app.ready()
  else await app.listen({ host: '127.0.0.1', port })

  const store = createStore(db)
  const forge = { app, url, db, store, keys, setupCode: setupCode.code }
  return {
    ...forge,
    admin: options.empty ? NOBODY : await createUser({ store }, { username: 'admin', admin: true }),
    async close() {
      await app.close()
      await database?.cleanup()
    },
  }
}

const NOBODY: TestUser = { id: 'nobody', username: 'nobody', name: '', email: '', password: '' }

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => void server.close(resolve))
  return port
}
