import { randomBytes } from 'node:crypto'

import pg from 'pg'

/** Set for the project `integration` by postgres-server.mjs; unset where there is no PostgreSQL. */
const serverAddress = () => process.env['FORGE_TEST_PG_URL']

/** For `describe.runIf`: whether this run has a PostgreSQL. In CI it always does, or the run fails before. */
export const hasPostgres = serverAddress() !== undefined

/** A fresh, empty database, as `DATABASE_URL` names it. */
export async function createPostgresDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `forge_test_${randomBytes(6).toString('hex')}`
  await onServer(`CREATE DATABASE ${name}`)

  const url = new URL(serverUrl())
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) }
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

function serverUrl(): string {
  const url = serverAddress()
  if (url === undefined) throw new Error('FORGE_TEST_PG_URL is not set')
  return url
}
