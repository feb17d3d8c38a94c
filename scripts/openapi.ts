/** Writes docs/api/openapi.json: what `/api/documentation/json` answers, for those who have no forge running. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { migrate, openDatabase } from '../forge/host/database.ts'
import { buildForge } from '../forge/host/server.ts'
import { createSecretKeys } from '../forge/keys.ts'

export const OPENAPI_FILE = fileURLToPath(new URL('../docs/api/openapi.json', import.meta.url))

const EXAMPLE = {
  baseUrl: 'https://forge.example.com',
  trustProxy: false,
  logLevel: 'silent',
  metricsToken: 'x',
} as const

/** The description of the API; its addresses are those of an example. */
export async function describeApi(): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-openapi-'))
  const db = await openDatabase(`sqlite:${join(folder, 'forge.db')}`)
  try {
    await migrate(db)
    const app = await buildForge(EXAMPLE, { db, keys: createSecretKeys(Buffer.alloc(32).toString('base64')) })
    const response = await app.inject('/api/documentation/json')
    await app.close()
    return response.json()
  } finally {
    await db.close()
    await rm(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(OPENAPI_FILE, `${JSON.stringify(await describeApi(), null, 2)}\n`)
}
