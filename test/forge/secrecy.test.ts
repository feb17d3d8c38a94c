import { QueryTypes, type Sequelize } from 'sequelize'
import { afterEach, beforeEach, expect, it } from 'vitest'

import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  signIn,
  type TestInstance,
  type TestUser,
} from '../support/builders.ts'
import { startForge, type TestForge } from '../support/forge.ts'

let forge: TestForge
let alice: TestUser
let instance: TestInstance
const log: string[] = []

beforeEach(async () => {
  log.length = 0
  forge = await startForge({ logLevel: 'trace', logStream: { write: (line) => void log.push(line) } })
  alice = await createUser(forge)
  const team = await createTeam(forge, { owner: alice })
  instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
})
afterEach(() => forge.close())

/** Everything that the database holds, as text. */
async function dump(db: Sequelize): Promise<string> {
  const tables = await db.query<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'", {
    type: QueryTypes.SELECT,
  })
  const rows = []
  for (const { name } of tables) rows.push(await db.query(`SELECT * FROM "${name}"`, { type: QueryTypes.SELECT }))
  return JSON.stringify(rows)
}

function introspect(token: string, credential = instance.credential, query = '') {
  return forge.app.inject({
    method: 'POST',
    url: `/oauth/introspect${query}`,
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token }).toString(),
  })
}

it('keeps the secret of a token out of every log line, answer but the one, and database column', async () => {
  const { id, token } = await mintToken(forge, { user: alice, instance })
  const headers = await signIn(forge, alice)
  const secret = token.slice(19)

  const answers = [
    await introspect(token),
    await introspect(`${token}x`),
    await introspect(token, 'fft_wrong'),
    await introspect(token, token),
    await introspect(token, instance.credential, `?token=${token}`),
    await forge.app.inject({ method: 'GET', url: '/api/v1/tokens', headers }),
    await forge.app.inject({ method: 'GET', url: `/api/v1/tokens/${id}`, headers }),
    // What people do by mistake: the token as an id, in a query, in a header, in a body, in the place of JSON.
    await forge.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${token}`, headers }),
    await forge.app.inject({ method: 'GET', url: `/api/v1/tokens?query=${token}`, headers }),
    await forge.app.inject({ method: 'GET', url: `/api/v1/${token}`, headers }),
    await forge.app.inject({ method: 'GET', url: '/api/v1/tokens', headers: { authorization: `Bearer ${token}` } }),
    await forge.app.inject({ method: 'GET', url: '/api/v1/tokens', headers: { cookie: `sid=${token}` } }),
    await forge.app.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload: { [token]: token } }),
    await forge.app.inject({ method: 'POST', url: '/account/login', payload: { username: token, password: token } }),
    await forge.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers: { ...headers, 'content-type': 'application/json' },
      payload: token,
    }),
    await forge.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers }),
  ]

  for (const { body, headers: sent } of answers) {
    expect(body).not.toContain(secret)
    expect(JSON.stringify(sent)).not.toContain(secret)
  }
  expect(await dump(forge.db)).not.toContain(secret)
  expect(log.join('')).not.toContain(secret)
  expect(log.length).toBeGreaterThan(answers.length)
})

it('keeps the secret out of the log when the database fails in the middle', async () => {
  const { token } = await mintToken(forge, { user: alice, instance })
  await forge.db.query('ALTER TABLE pat_token_grants RENAME TO gone')

  const answer = await introspect(token)
  expect(answer.statusCode).toBe(500)
  expect(answer.json()).toEqual({
    error: 'server_error',
    error_description: expect.stringMatching(/^Something went wrong here/),
  })
  expect(answer.body).not.toMatch(/sql|pat_token|sequelize/i)
  expect(log.join('')).not.toContain(token.slice(19))
  expect(log.join('')).toContain('no such table')
})

it('keeps credentials of instances, passwords and session ids out of the log and the database', async () => {
  const login = await forge.app.inject({
    method: 'POST',
    url: '/account/login',
    payload: { username: alice.username, password: alice.password },
  })
  const sid = login.cookies.find(({ name }) => name === 'sid')?.value.split('.')[0]
  expect(login.statusCode).toBe(200)

  const everything = (await dump(forge.db)) + log.join('')
  for (const secret of [instance.credential, alice.password, sid]) expect(everything).not.toContain(secret)
})
