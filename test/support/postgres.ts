import { randomBytes } from 'node:crypto'

import pg from 'pg'

/** Set for the projects `postgres` and `integration` by postgres-server.mjs; unset where there is no PostgreSQL. */
const serverAddress = () => process.env['FORGE_TEST_PG_URL']

/** For `describe.runIf`: whether this run has a PostgreSQL. In CI it always does, or the run fails before. */
export const hasPostgres = serverAddress() !== undefined

interface PostgresDatabase {
  url: string
  drop(): Promise<void>
}

/** A fresh, empty database, as `DATABASE_URL` names it. */
export function createPostgresDatabase(): Promise<PostgresDatabase> {
  return onServer((server) => createDatabase(server))
}

/** A number of our own: the one that makes the copy to copy from is alone. */
const TEMPLATE_LOCK = 7_340_112

/** A fresh database that is migrated: once in a run, and copied from then on. */
export function createMigratedPostgres(migrate: (url: string) => Promise<void>): Promise<PostgresDatabase> {
  const template = process.env['FORGE_TEST_PG_TEMPLATE'] ?? ''

  return onServer(async (server) => {
    await server.query(`SELECT pg_advisory_lock(${TEMPLATE_LOCK})`)
    const known = await server.query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
    if (known.rowCount === 0) {
      await server.query(`CREATE DATABASE ${template}`)
      await migrate(urlOf(template))
    }
    return createDatabase(server, `TEMPLATE ${template}`)
  })
}

async function createDatabase(server: pg.Client, options = ''): Promise<PostgresDatabase> {
  const name = `forge_test_${randomBytes(6).toString('hex')}`
  await server.query(`CREATE DATABASE ${name} ${options}`)
  const drop = () => onServer(async (later) => void (await later.query(`DROP DATABASE ${name} WITH (FORCE)`)))
  return { url: urlOf(name), drop }
}

async function onServer<T>(work: (server: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl() })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function urlOf(database: string): string {
  const url = new URL(serverUrl())
  url.pathname = `/${database}`
  return url.href
}

function serverUrl(): string {
  const url = serverAddress()
  if (url === undefined) throw new Error('FORGE_TEST_PG_URL is not set')
  return url
}
