/**
 * The forge as it is published, on a database that is migrated; only its limits are out of reach, which would refuse
 * most of what a benchmark asks. Arguments: the database, the server key, the port or 0, `limits` to leave them as shipped.
 */
import formbody from '@fastify/formbody'

import { openDatabase } from '../../dist/forge/host/database.js'
import { buildForge } from '../../dist/forge/host/server.js'
import { createSecretKeys } from '../../dist/forge/keys.js'
import { DEFAULT_QUOTAS } from '../../dist/forge/limits/limits.js'
import { announce } from './serve.mjs'

const [databaseUrl, secretKey, port, limited] = process.argv.slice(2)

/** They are counted all the same. */
const FAR_AWAY = { max: Number.MAX_SAFE_INTEGER, windowSeconds: 60 }
const limits = limited ? {} : Object.fromEntries(Object.keys(DEFAULT_QUOTAS).map((name) => [name, FAR_AWAY]))

const db = await openDatabase(databaseUrl)
const baseUrl = `http://127.0.0.1:${port}`
const config = { baseUrl, logLevel: 'error', trustProxy: false }
const app = await buildForge(config, { db, keys: createSecretKeys(secretKey), settings: { limits } })

/** The trivial POST again, in the forge's own Fastify: what an answer costs before introspection does anything. */
await app.register(async (scope) => {
  scope.removeAllContentTypeParsers()
  await scope.register(formbody)
  const schema = { response: { 200: { type: 'object', properties: { active: { type: 'boolean' } } } } }
  const config = { changesNothing: true, onlyPrograms: true }
  scope.post('/trivial', { config, schema }, async ({ body }) => ({ active: body.token !== '' }))
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
announce(baseUrl, async () => {
  await app.close()
  await db.close()
})
