import type { FastifyInstance } from 'fastify'
import type { Sequelize } from 'sequelize'

import { createFlowFuse } from '../../forge/flowfuse/flowfuse.ts'
import { openFlowFuseDatabase } from '../../forge/flowfuse/open-database.ts'
import { buildSidecar } from '../../forge/flowfuse/server.ts'
import { createIds, type Ids } from '../../forge/flowfuse/ids.ts'
import { migrateModule, openDatabase } from '../../forge/host/database.ts'
import { createSecretKeys } from '../../forge/keys.ts'
import { createSqliteFile } from './database.ts'
import { createFlowFuseDatabase, PLATFORM_ID, type FlowFuseDatabase } from './flowfuse-database.ts'
import { startFlowFuseServer, type FlowFuseServer } from './flowfuse-server.ts'
import { TEST_SECRET_KEY } from './forge.ts'

/** Everything of ours beside a FlowFuse: its database, and a server with its answers. */
export interface TestSidecar {
  app: FastifyInstance
  /** Where people use it. */
  url: string
  db: Sequelize
  flowfuse: FlowFuseServer
  database: FlowFuseDatabase
  ids: Ids
  /** A person of FlowFuse's whose browser is signed in there. */
  createPerson(username: string): Promise<{ number: number; id: string; cookie: string }>
  close(): Promise<void>
}

export async function startSidecar({ pagesFolder }: { pagesFolder?: string } = {}): Promise<TestSidecar> {
  const database = await createFlowFuseDatabase('new', 'sqlite')
  const flowfuse = await startFlowFuseServer()
  const own = await createSqliteFile()
  const db = await openDatabase(own.url)
  await migrateModule(db)
  const flowfuseDb = await openFlowFuseDatabase(database.url)

  const origin = 'https://flowfuse.example.com'
  const app = await buildSidecar(
    { baseUrl: `${origin}/pat`, trustProxy: false, logLevel: 'silent' },
    {
      db,
      keys: createSecretKeys(TEST_SECRET_KEY),
      settings: { housekeeping: false },
      flowfuse: createFlowFuse(flowfuse.url),
      flowfuseDb,
      platformId: PLATFORM_ID,
      ...(pagesFolder === undefined ? {} : { pagesFolder }),
    },
  )
  await app.ready()
  const ids = createIds(PLATFORM_ID)

  return {
    app,
    url: `${origin}/pat`,
    db,
    flowfuse,
    database,
    ids,
    async createPerson(username) {
      const number = await database.createUser(username)
      const id = ids.user.encode(number)
      const createdAt = new Date().toISOString()
      await database.insert('AuditLogs', { event: 'account.login', UserId: number, body: '{}', createdAt })
      flowfuse.users.set(`${username}.signature`, { id, email_verified: true })
      return { number, id, cookie: `sid=${username}.signature` }
    },
    async close() {
      await app.close()
      await flowfuseDb.close()
      await db.close()
      await own.drop()
      await flowfuse.close()
      await database.cleanup()
    },
  }
}
