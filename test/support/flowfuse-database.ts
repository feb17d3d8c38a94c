import { randomUUID } from 'node:crypto'

import { QueryTypes, Sequelize } from 'sequelize'

import { createSqliteFile, type Dialect } from './database.ts'
import { createPostgresDatabase } from './postgres.ts'

/** `new` has what FlowFuse has gained since 2.4. */
export type FlowFuseColumns = 'old' | 'new'

export const PLATFORM_ID = 'ff-test-platform'

/** A database with the tables and columns of a FlowFuse, as far as we read them, and who may not be read besides. */
export interface FlowFuseDatabase {
  /** The connection of FlowFuse itself. */
  db: Sequelize
  url: string
  /** Inserts a row. @returns its number */
  insert(table: string, row: Record<string, unknown>): Promise<number>
  createUser(username: string): Promise<number>
  createTeam(slug: string): Promise<number>
  createApplication(team: number, name: string): Promise<number>
  createInstance(application: number, name: string): Promise<string>
  insertMember(team: number, user: number, role: number): Promise<void>
  run(sql: string, bind?: unknown[]): Promise<void>
  cleanup(): Promise<void>
}

export async function createFlowFuseDatabase(columns: FlowFuseColumns, dialect: Dialect): Promise<FlowFuseDatabase> {
  const { url, drop } = dialect === 'sqlite' ? await createSqliteFile() : await createPostgresDatabase()
  const db = url.startsWith('sqlite:')
    ? new Sequelize({ dialect: 'sqlite', storage: url.slice('sqlite:'.length), logging: false })
    : new Sequelize(url, { dialect: 'postgres', logging: false })
  for (const statement of schemaFor(columns, dialect)) await db.query(statement)

  const run = async (sql: string, bind: unknown[] = []) => void (await db.query(sql, { bind }))
  const insert = async (table: string, row: Record<string, unknown>) => {
    const names = Object.keys(row).map((name) => `"${name}"`)
    const places = names.map((_, index) => `$${index + 1}`)
    await run(`INSERT INTO "${table}" (${names.join()}) VALUES (${places.join()})`, Object.values(row))
    const [last] = await db.query<{ id: number }>(`SELECT max("id") AS "id" FROM "${table}"`, {
      type: QueryTypes.SELECT,
    })
    return Number(last?.id)
  }

  const at = new Date().toISOString()
  await run(`INSERT INTO "PlatformSettings" ("key", "value", "valueType") VALUES ('instanceId', $1, 0)`, [PLATFORM_ID])

  return {
    db,
    url,
    insert,
    run,
    createUser: (username) =>
      insert('Users', {
        username,
        name: username.charAt(0).toUpperCase() + username.slice(1),
        email: `${username}@example.com`,
        password: 'a hash that nobody else may see',
        createdAt: at,
      }),
    createTeam: (slug) => insert('Teams', { name: slug, slug, createdAt: at }),
    createApplication: (team, name) => insert('Applications', { name, TeamId: team, createdAt: at }),
    async createInstance(application, name) {
      const id = randomUUID()
      await run(
        `INSERT INTO "Projects" ("id", "name", "url", "ApplicationId", "TeamId", "createdAt")
         SELECT CAST($1 AS ${dialect === 'sqlite' ? 'TEXT' : 'UUID'}), $2, $3, "id", "TeamId", $4
         FROM "Applications" WHERE "id" = $5`,
        [id, name, `https://${name}.example.com`, at, application],
      )
      return id
    },
    insertMember: (team, user, role) =>
      run(`INSERT INTO "TeamMembers" ("TeamId", "UserId", "role") VALUES ($1, $2, $3)`, [team, user, role]),
    async cleanup() {
      await db.close()
      await drop()
    },
  }
}

function schemaFor(columns: FlowFuseColumns, dialect: Dialect): string[] {
  const id = dialect === 'sqlite' ? '"id" INTEGER PRIMARY KEY AUTOINCREMENT' : '"id" SERIAL PRIMARY KEY'
  const time = dialect === 'sqlite' ? 'DATETIME' : 'TIMESTAMP WITH TIME ZONE'
  const yesNo = dialect === 'sqlite' ? 'TINYINT(1) DEFAULT 0' : 'BOOLEAN DEFAULT false'
  const isNew = columns === 'new'

  return [
    `CREATE TABLE "Users" (${id}, "username" VARCHAR(255) NOT NULL UNIQUE, "name" VARCHAR(255), "email" VARCHAR(255),
       "email_verified" ${yesNo}, "password" VARCHAR(255), "password_expired" ${yesNo}, "admin" ${yesNo} NOT NULL,
       "avatar" VARCHAR(255), "suspended" ${yesNo}, "sso_enabled" ${yesNo}, "createdAt" ${time} NOT NULL)`,
    `CREATE TABLE "Teams" (${id}, "name" VARCHAR(255) NOT NULL, "slug" VARCHAR(255) UNIQUE,
       ${isNew ? `"suspended" ${yesNo},` : ''} "createdAt" ${time} NOT NULL)`,
    `CREATE TABLE "TeamMembers" ("role" INTEGER NOT NULL, ${isNew ? '"permissions" TEXT,' : ''}
       "UserId" INTEGER NOT NULL REFERENCES "Users" ("id") ON DELETE CASCADE,
       "TeamId" INTEGER NOT NULL REFERENCES "Teams" ("id") ON DELETE CASCADE, PRIMARY KEY ("UserId", "TeamId"))`,
    `CREATE TABLE "Applications" (${id}, "name" VARCHAR(255) NOT NULL, "createdAt" ${time} NOT NULL,
       "TeamId" INTEGER NOT NULL REFERENCES "Teams" ("id") ON DELETE CASCADE)`,
    `CREATE TABLE "Projects" ("id" UUID PRIMARY KEY, "name" VARCHAR(255) NOT NULL, "url" VARCHAR(255) NOT NULL,
       "state" VARCHAR(255) NOT NULL DEFAULT 'running', "createdAt" ${time} NOT NULL,
       "ApplicationId" INTEGER REFERENCES "Applications" ("id") ON DELETE CASCADE,
       "TeamId" INTEGER REFERENCES "Teams" ("id") ON DELETE SET NULL)`,
    `CREATE TABLE "AuditLogs" (${id}, "event" VARCHAR(255), "body" TEXT, "entityId" VARCHAR(255),
       "entityType" VARCHAR(255), "createdAt" ${time} NOT NULL, "UserId" INTEGER)`,
    `CREATE TABLE "PlatformSettings" ("key" VARCHAR(255) PRIMARY KEY, "value" TEXT, "valueType" INTEGER NOT NULL)`,
    `CREATE TABLE "Sessions" ("sid" VARCHAR(255) PRIMARY KEY, "mfa_verified" ${yesNo}, "createdAt" ${time} NOT NULL,
       "UserId" INTEGER)`,
    `CREATE TABLE "AccessTokens" (${id}, "token" VARCHAR(255))`,
  ]
}
