import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { afterEach, beforeEach, expect, it } from 'vitest'

import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

/** What somebody types into sqlite3, as far as the forge can tell: a process of its own that knows nothing of it. */
const SHELL = `
  const sqlite3 = require('sqlite3')
  const db = new sqlite3.Database(process.argv[1])
  db.configure('busyTimeout', 5000)
  db.exec(process.argv[2], (error) => db.close(() => process.exit(error ? 1 : 0)))`

let database: TestDatabase
let forge: TestForge
let alice: TestUser
let packer: TestInstance
let token: string
beforeEach(async () => {
  database = await createTestDatabase('sqlite')
  forge = await startForge({ db: database.db })
  alice = await createUser(forge)
  const team = await createTeam(forge, { owner: alice })
  packer = await createInstance(forge, { application: await createApplication(forge, { team }) })
  token = (await mintToken(forge, { user: alice, instance: packer })).token
})
afterEach(async () => {
  await forge.close()
  await database.cleanup()
})

const introspect = async () => {
  const headers = { authorization: `Bearer ${packer.credential}`, 'content-type': 'application/x-www-form-urlencoded' }
  const payload = new URLSearchParams({ token }).toString()
  return (await forge.app.inject({ method: 'POST', url: '/oauth/introspect', headers, payload })).json<object>()
}
const type = (sql: string) =>
  promisify(execFile)(process.execPath, ['-e', SHELL, database.url.slice('sqlite:'.length), sql])

it('goes at once by what another process has written into an SQLite file', async () => {
  for (const suspended of [false, true, false]) {
    await type(`UPDATE users SET suspended = ${suspended ? 1 : 0} WHERE id = '${alice.id}'`)
    expect(await introspect()).toMatchObject({ active: !suspended })
    expect(await introspect()).toMatchObject({ active: !suspended })
  }
  await type(`UPDATE pat_tokens SET revoked_at = '2026-11-25 08:00:00.000 +00:00'`)
  expect(await introspect()).toEqual({ active: false })
})
