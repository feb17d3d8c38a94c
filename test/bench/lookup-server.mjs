/**
 * What somebody would write by hand without a forge: SHA-256 of what was presented, and one prepared statement for the
 * token, its person and its instance. It decides nothing, and nobody has to prove who asks. Argument: the database.
 */
import { createHash } from 'node:crypto'

import formbody from '@fastify/formbody'
import fastify from 'fastify'
import pg from 'pg'

import { announce } from './serve.mjs'

const STATEMENT = `
  SELECT t.id AS jti, t.name AS "tokenName", t.role_level AS role, t.read_only AS "readOnly", t.secret_hash AS hash,
         t.expires_at AS exp, t.revoked_at AS revoked, u.id AS sub, u.username, u.name, u.email, i.url AS aud
    FROM pat_tokens t
    JOIN users u ON u.id = t.user_id
    JOIN pat_token_grants g ON g.token_id = t.id
    JOIN instances i ON i.id = g.target_id
   WHERE t.selector = $1`

const text = (name) => [name, { type: 'string' }]
const properties = Object.fromEntries([
  ['active', { type: 'boolean' }],
  ...['jti', 'tokenName', 'exp', 'sub', 'username', 'name', 'email', 'aud'].map(text),
  ['role', { type: 'integer' }],
  ['readOnly', { type: 'boolean' }],
])

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 })
const app = fastify()
await app.register(formbody)
app.post('/oauth/introspect', { schema: { response: { 200: { type: 'object', properties } } } }, async ({ body }) => {
  const hash = createHash('sha256').update(body.token).digest('hex')
  const { rows } = await pool.query({ name: 'by selector', text: STATEMENT, values: [body.token.slice(6, 18)] })
  const [row] = rows
  return row && row.revoked === null && row.hash !== hash ? { active: true, ...row } : { active: false }
})
announce(await app.listen({ host: '127.0.0.1', port: 0 }), async () => {
  await app.close()
  await pool.end()
})
