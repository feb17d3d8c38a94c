import { pino } from 'pino'
import type { Sequelize } from 'sequelize'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

import { createChanges, type Changes } from '../../../forge/changes/changes.ts'
import { openDatabase } from '../../../forge/host/database.ts'
import { createStore } from '../../../forge/host/store.ts'
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
import { eventually } from '../../support/eventually.ts'
import { startForge, type TestForge } from '../../support/forge.ts'
import { hasPostgres } from '../../support/postgres.ts'
import { layWire, type Wire } from '../../support/wire.ts'

/** What the listening connection says of itself when it begins. */
const isListening = (said: string) => said.includes('forge-pat changes')

describe.runIf(hasPostgres)('the connection that tells of changes', () => {
  let database: TestDatabase
  let wire: Wire
  /** As the forge's, over the wire. */
  let db: Sequelize
  beforeAll(async () => void (database = await createTestDatabase('postgres')))
  afterAll(() => database.cleanup())
  beforeEach(async () => {
    const url = new URL(database.url)
    wire = await layWire(Number(url.port))
    url.port = String(wire.port)
    db = await openDatabase(url.href)
  })
  afterEach(async () => {
    wire.delay(0)
    await wire.close()
    await db.close().catch(() => undefined)
  })

  describe('by itself', () => {
    let changes: Changes
    let heard: string[]
    let clock: number
    beforeEach(async () => {
      clock = Math.round(performance.now()) // whole, so that sums are exact
      vi.spyOn(performance, 'now').mockImplementation(() => clock)
      changes = createChanges(db, pino({ level: 'silent' }))
      await changes.start()
      heard = []
      changes.onChange(({ kind, id }) => heard.push(`${kind} ${id}`))
    })
    afterEach(() => changes.close())

    it('is of no use any more as soon as it is closed, and is made again by itself', async () => {
      wire.refuse(isListening)
      await eventually(() => expect(changes.healthy).toBe(false))
      expect(await changes.isCurrent()).toBe(false)
      expect(heard).toEqual(['all '])

      wire.heal()
      await eventually(() => expect(changes.healthy).toBe(true))
      expect(await changes.isCurrent()).toBe(true)
      expect(heard).toEqual(['all ', 'all '])
    })

    it('is trusted for less than a second after it was cut without a word', async () => {
      wire.silence(isListening)

      clock += 899
      expect(await changes.isCurrent()).toBe(true)
      clock += 1
      expect(await changes.isCurrent()).toBe(false)
      expect(changes.healthy).toBe(true) // it does not know yet
    })

    it('is given up and made again when it does not answer for seconds', async () => {
      wire.silence(isListening)
      clock += 3_001
      await eventually(() => expect(changes.healthy).toBe(false))
      expect(heard).toEqual(['all '])

      wire.heal()
      await eventually(() => expect(changes.healthy).toBe(true))
      expect(heard.at(-1)).toBe('all ')
    })

    it('tells everything in time over a wire that is slow', async () => {
      wire.delay(100)
      await createUser({ store: createStore(database.db) })
      await changes.settled()
      expect(heard).toEqual([expect.stringMatching(/^user /)])
    })
  })

  describe('of a forge', () => {
    let forge: TestForge
    let alice: TestUser
    let packer: TestInstance
    let token: string
    beforeEach(async () => {
      forge = await startForge({ db, empty: true })
      alice = await createUser(forge)
      const team = await createTeam(forge, { owner: alice })
      packer = await createInstance(forge, { application: await createApplication(forge, { team }) })
      token = (await mintToken(forge, { user: alice, instance: packer })).token
      expect(await introspect()).toMatchObject({ active: true })
    })
    afterEach(() => forge.close())

    const introspect = async () => {
      const headers = {
        authorization: `Bearer ${packer.credential}`,
        'content-type': 'application/x-www-form-urlencoded',
      }
      const payload = new URLSearchParams({ token }).toString()
      return (await forge.app.inject({ method: 'POST', url: '/oauth/introspect', headers, payload })).json<object>()
    }
    /** By somebody else, in psql. */
    const suspend = (suspended: boolean) =>
      database.db.query(`UPDATE users SET suspended = ${suspended} WHERE id = '${alice.id}'`)
    const ready = async () => {
      const answer = await forge.app.inject('/health/ready')
      return [answer.statusCode, answer.json<object>()]
    }
    const degraded = [200, { status: 'degraded', changes: 'lost' }]
    const well = [200, { status: 'ok', changes: 'heard' }]

    it('is not needed for a right answer: while it is down every change counts at once', async () => {
      wire.refuse(isListening)
      await eventually(async () => expect(await ready()).toEqual(degraded))

      for (const suspended of [true, false, true, false]) {
        await suspend(suspended)
        expect(await introspect()).toMatchObject({ active: !suspended })
      }
    })

    it('brings nothing back that was held before it was lost', async () => {
      wire.refuse(isListening)
      await eventually(async () => expect(await ready()).toEqual(degraded))
      await suspend(true) // no notification ever tells of this

      wire.heal()
      await eventually(async () => expect(await ready()).toEqual(well))
      expect(await introspect()).toEqual({ active: false })
    })

    it('may be cut without a word: changes count all the same, and it comes back by itself', async () => {
      wire.silence(isListening)
      await suspend(true)
      await eventually(async () => expect(await introspect()).toEqual({ active: false }))
      await eventually(async () => expect(await ready()).toEqual(degraded))

      wire.heal()
      await eventually(async () => expect(await ready()).toEqual(well))
      await suspend(false)
      await eventually(async () => expect(await introspect()).toMatchObject({ active: true }))
    })

    it('is not all that can fail: the forge says within seconds that its database does not answer', async () => {
      wire.silence(() => true)
      expect(await ready()).toEqual([503, { code: 'unavailable', error: 'The database does not answer.' }])

      wire.refuse(() => true)
      wire.heal()
      await eventually(async () => expect(await ready()).toEqual(well))
      expect(await introspect()).toMatchObject({ active: true })
    })
  })
})
