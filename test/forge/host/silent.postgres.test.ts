import { once } from 'node:events'
import type { Socket } from 'node:net'

import { QueryTypes } from 'sequelize'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { databaseTrouble } from '../../../forge/errors/database-trouble.ts'
import { openDatabase } from '../../../forge/host/database.ts'
import { withoutLimits } from '../../../forge/host/postgres.ts'
import { createApplication, createInstance, createTeam, createUser, mintToken } from '../../support/builders.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { eventually } from '../../support/eventually.ts'
import { startForge } from '../../support/forge.ts'
import { hasPostgres } from '../../support/postgres.ts'
import { layWire, type Wire } from '../../support/wire.ts'

const LOCK = 'SELECT pg_advisory_xact_lock(1)'

describe.runIf(hasPostgres)('a connection to PostgreSQL', () => {
  let database: TestDatabase
  let wire: Wire
  beforeEach(async () => {
    database = await createTestDatabase('postgres')
    wire = await layWire(Number(new URL(database.url).port))
  })
  afterEach(async () => {
    await wire.close()
    await database.cleanup()
  })
  const open = async (statementMs: number) => {
    const url = new URL(database.url)
    url.port = String(wire.port)
    const db = await openDatabase(url.href, { statementMs })
    onTestFinished(() => db.close().catch(() => undefined))
    return db
  }

  it('is given up when packets are lost, and no socket says so: 503, then the right answer again', async () => {
    const forge = await startForge({ db: await open(1_500) })
    onTestFinished(forge.close)
    const alice = await createUser(forge)
    const team = await createTeam(forge, { owner: alice })
    const instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
    const { token } = await mintToken(forge, { user: alice, instance, role: 'member' })
    const introspect = async () =>
      forge.app.inject({
        method: 'POST',
        url: '/oauth/introspect',
        headers: {
          authorization: `Bearer ${instance.credential}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        payload: new URLSearchParams({ token }).toString(),
      })
    expect((await introspect()).json()).toMatchObject({ active: true })

    wire.silence(() => true)
    // What is held counts for less than a second more.
    const refused = await eventually(async () => {
      const answer = await introspect()
      expect(answer.statusCode).toBe(503)
      return answer
    })
    expect(refused.headers['retry-after']).toBe('1')

    wire.heal()
    await eventually(async () => expect((await introspect()).json()).toMatchObject({ active: true }))
  })

  it('gives a statement up that takes too long, unless it may', async () => {
    const db = await open(100)

    const given = await db.query('SELECT pg_sleep(60)').catch((error: unknown) => error)
    expect(databaseTrouble(given)?.sentence).toContain('does not answer')

    const migrating = db.transaction((transaction) =>
      withoutLimits(transaction, () =>
        db.query('SELECT pg_sleep(2.5), 1 AS done', { transaction, type: QueryTypes.SELECT }),
      ),
    )
    await expect(migrating).resolves.toMatchObject([{ done: 1 }])
    await expect(db.query('SELECT pg_sleep(60)')).rejects.toThrow('statement timeout')
  })

  it('leaves no lock behind when it is lost within a transaction', async () => {
    const db = await open(100)
    const transaction = await db.transaction()
    await db.query(LOCK, { transaction })
    wire.silence(() => true)

    // As after every pause: that it had nothing to do for so long does not make it trusted for ever.
    const { stream } = (transaction as unknown as { connection: { connection: { stream: Socket } } }).connection
      .connection
    await once(stream, 'timeout')
    await expect(database.db.query(LOCK)).resolves.toBeDefined()
    await expect(transaction.rollback()).rejects.toThrow()
  })
})
