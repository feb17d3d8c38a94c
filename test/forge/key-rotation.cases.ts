import { QueryTypes, type Sequelize } from 'sequelize'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createSecretKeys } from '../../forge/keys.ts'
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
import { createTestDatabase, type Dialect, type TestDatabase } from '../support/database.ts'
import { startForge, type TestForge } from '../support/forge.ts'

const OLD = Buffer.alloc(32, 1).toString('base64')
const NEW = Buffer.alloc(32, 2).toString('base64')

const onlyOld = createSecretKeys(OLD)
const both = createSecretKeys(NEW, [OLD])
const onlyNew = createSecretKeys(NEW)

/** What holds on every database: the server key is replaced while tokens, credentials and cookies live. */
export function describeKeyRotation(dialect: Dialect): void {
  let database: TestDatabase
  let db: Sequelize
  let alice: TestUser
  let instance: TestInstance
  let token: string
  const running: TestForge[] = []

  /** A forge on the one database. */
  async function start(keys: TestForge['keys'], logStream?: { write(line: string): void }): Promise<TestForge> {
    const logging = logStream ? { logStream, logLevel: 'warn' as const } : {}
    const forge = await startForge({ db, keys, empty: true, ...logging })
    running.push(forge)
    return forge
  }

  async function restart(keys: TestForge['keys'], logStream?: { write(line: string): void }): Promise<TestForge> {
    await stop()
    return start(keys, logStream)
  }

  async function stop(): Promise<void> {
    for (const forge of running.splice(0)) await forge.close()
  }

  function introspect(forge: TestForge) {
    return forge.app.inject({
      method: 'POST',
      url: '/oauth/introspect',
      headers: {
        authorization: `Bearer ${instance.credential}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams({ token }).toString(),
    })
  }

  const isActive = async (forge: TestForge) => (await introspect(forge)).json<{ active: boolean }>().active

  const tokenRow = async () =>
    (await db.query<Record<string, string>>('SELECT * FROM pat_tokens', { type: QueryTypes.SELECT }))[0]
  const credentialRow = async () =>
    (await db.query<Record<string, string>>('SELECT * FROM instance_credentials', { type: QueryTypes.SELECT }))[0]

  beforeEach(async () => {
    database = await createTestDatabase(dialect)
    db = database.db
    const forge = await start(onlyOld)
    alice = await createUser(forge, { username: 'alice' })
    const team = await createTeam(forge, { owner: alice })
    const application = await createApplication(forge, { team })
    instance = await createInstance(forge, { application })
    token = (await mintToken(forge, { user: alice, instance })).token
  })
  afterEach(async () => {
    await stop()
    await database.cleanup()
  })

  describe('the server key is replaced', () => {
    it('goes on answering for tokens and credentials that the old key made', async () => {
      const forge = await restart(both)

      expect(await isActive(forge)).toBe(true)
    })

    it('moves both to the new key when they are used, so that the old one can be dropped', async () => {
      await isActive(await restart(both))
      const forge = await restart(onlyNew)

      expect((await tokenRow())?.['key_id']).toBe(onlyNew.id)
      expect((await credentialRow())?.['key_id']).toBe(onlyNew.id)
      expect(await isActive(forge)).toBe(true)
    })

    it('hashes a token anew once, however many present it at the same time', async () => {
      const forge = await restart(both)
      const answers = await Promise.all(Array.from({ length: 20 }, () => isActive(forge)))
      await stop()
      const moved = await tokenRow()

      await isActive(await start(both))
      await stop()

      expect(answers).toEqual(Array(20).fill(true))
      expect(await tokenRow()).toMatchObject({ secret_hash: moved?.['secret_hash'], key_id: onlyNew.id })
    })

    it('lets two forges move the same token side by side', async () => {
      await stop()
      const forges = [await start(both), await start(both)]
      const answers = await Promise.all(forges.flatMap((forge) => [isActive(forge), isActive(forge)]))
      await stop()

      expect(answers).toEqual([true, true, true, true])
      expect(await isActive(await start(onlyNew))).toBe(true)
    })

    it('serves a forge that still makes everything with the old key, once it knows the new one', async () => {
      await isActive(await restart(both))
      const forge = await restart(createSecretKeys(OLD, [NEW]))

      expect(await isActive(forge)).toBe(true)
    })

    it('keeps people signed in whose cookie the old key signed, until it is dropped', async () => {
      const headers = await signIn(running[0] as TestForge, alice)
      const userSeenBy = async (forge: TestForge) =>
        (await forge.app.inject({ url: '/api/v1/user', headers })).statusCode

      expect(await userSeenBy(await restart(both))).toBe(200)
      expect(await userSeenBy(await restart(onlyNew))).toBe(401)
    })

    it('signs new cookies with the new key', async () => {
      const headers = await signIn(await restart(both), alice)
      const forge = await restart(onlyNew)

      expect((await forge.app.inject({ url: '/api/v1/user', headers })).statusCode).toBe(200)
    })

    it('makes new tokens and credentials with the new key', async () => {
      const forge = await restart(both)
      const { id } = await mintToken(forge, { user: alice, instance })
      const [row] = await db.query<{ keyId: string }>('SELECT key_id AS "keyId" FROM pat_tokens WHERE id = $1', {
        bind: [id],
        type: QueryTypes.SELECT,
      })

      expect(row?.keyId).toBe(onlyNew.id)
    })
  })

  describe('the old key is dropped too early', () => {
    it('refuses the instance whose credential it made', async () => {
      expect((await introspect(await restart(onlyNew))).statusCode).toBe(401)
    })

    it('refuses its tokens, and logs the key once', async () => {
      const lines: string[] = []
      await db.query('DELETE FROM instance_credentials')
      const forge = await restart(onlyNew, { write: (line) => void lines.push(line) })
      instance = await createInstance(forge, { application: await applicationOf(forge) })

      expect(await isActive(forge)).toBe(false)
      expect(await isActive(forge)).toBe(false)

      const warnings = lines.filter((line) => line.includes('server key that is not here'))
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain(onlyOld.id)
    })

    it('leaves the row as it is, so that the key can come back', async () => {
      const before = await tokenRow()
      await introspect(await restart(onlyNew))

      expect(await tokenRow()).toEqual(before)
      expect(await isActive(await restart(both))).toBe(true)
    })
  })

  async function applicationOf(forge: TestForge) {
    const application = await forge.store.Application.findOne({ rejectOnEmpty: true })
    return { id: application.id, name: application.name, teamId: application.teamId }
  }
}
