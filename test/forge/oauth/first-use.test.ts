import argon2 from 'argon2'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Introspection } from '../../../forge/contract/introspection.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
} from '../../support/builders.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

let database: TestDatabase
let minting: TestForge
/** Has never seen the token: the one that minted it needs no proof. */
let asked: TestForge

beforeEach(async () => {
  database = await createTestDatabase()
  minting = await startForge({ db: database.db })
  asked = await startForge({ db: database.db, empty: true })
})

afterEach(async () => {
  await minting.close()
  await asked.close()
  await database.cleanup()
})

it('runs argon2 once for 200 simultaneous first uses of a token, and answers all of them', async () => {
  const user = await createUser(minting)
  const team = await createTeam(minting)
  await addMember(minting, { team, user, role: 'member' })
  const instance = await createInstance(minting, { application: await createApplication(minting, { team }) })
  const { token } = await mintToken(minting, { user, instance })
  const runs = vi.spyOn(argon2, 'verify')

  const introspect = () =>
    asked.app.inject({
      method: 'POST',
      url: `${asked.url}/oauth/introspect`,
      headers: { authorization: `Bearer ${instance.credential}`, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ token }).toString(),
    })
  const answers = await Promise.all(Array.from({ length: 200 }, introspect))

  expect(answers.map((answer) => answer.json<Introspection>().active)).toEqual(Array.from({ length: 200 }, () => true))
  expect(runs).toHaveBeenCalledTimes(1)
})
