import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { endSession, endSessionsOf, findSession, startSession } from '../../../../forge/host/sessions/sessions.ts'
import { createStore, type HostStore } from '../../../../forge/host/store.ts'
import { createUser, type TestUser } from '../../../support/builders.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'

const NOW = Date.parse('2026-11-23T08:00:00Z')
const HOUR = 3_600_000
const DAY = 24 * HOUR

let database: TestDatabase
let store: HostStore
let alice: TestUser
beforeAll(async () => {
  database = await createTestDatabase()
  store = createStore(database.db)
})
beforeEach(async () => {
  alice = await createUser({ store })
})
afterAll(() => database.cleanup())

describe('a session', () => {
  it('tells who signed in, and when', async () => {
    const sid = await startSession(store, alice.id, NOW)

    expect(await findSession(store, sid, NOW + 1)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      userId: alice.id,
      username: alice.username,
      admin: false,
      authenticatedAt: NOW,
      providerId: null,
    })
  })

  it('is found by 256 random bits of which the database has only a hash', async () => {
    const sid = await startSession(store, alice.id, NOW)

    expect(Buffer.from(sid, 'base64url')).toHaveLength(32)
    const rows = await store.Session.findAll({ where: { userId: alice.id }, raw: true })
    expect(JSON.stringify(rows)).not.toContain(sid)
    expect(await findSession(store, rows[0]?.sidHash ?? '', NOW)).toBeNull()
  })

  it('ends after 32 hours without use', async () => {
    const sid = await startSession(store, alice.id, NOW)

    expect(await findSession(store, sid, NOW + 32 * HOUR)).toBeNull()
  })

  it('lives on while it is used, to the end of its seven days', async () => {
    const sid = await startSession(store, alice.id, NOW)

    for (let day = 1; day < 7; day++) expect(await findSession(store, sid, NOW + day * DAY)).not.toBeNull()
    expect(await findSession(store, sid, NOW + 7 * DAY - 1)).not.toBeNull()
    expect(await findSession(store, sid, NOW + 7 * DAY)).toBeNull()
  })

  it('writes its use down at most every five minutes', async () => {
    const sid = await startSession(store, alice.id, NOW)
    const lastSeen = async () => (await store.Session.findOne({ where: { userId: alice.id } }))?.lastSeenAt.getTime()

    await findSession(store, sid, NOW + 299_999)
    expect(await lastSeen()).toBe(NOW)
    await findSession(store, sid, NOW + 300_000)
    expect(await lastSeen()).toBe(NOW + 300_000)
  })

  it('is not there while its person is suspended', async () => {
    const sid = await startSession(store, alice.id, NOW)
    await store.User.update({ suspended: true }, { where: { id: alice.id } })

    expect(await findSession(store, sid, NOW)).toBeNull()
  })

  it('goes with its person', async () => {
    const sid = await startSession(store, alice.id, NOW)
    await store.User.destroy({ where: { id: alice.id } })

    expect(await findSession(store, sid, NOW)).toBeNull()
    expect(await store.Session.count({ where: { userId: alice.id } })).toBe(0)
  })
})

describe('startSession', () => {
  it('sweeps out what is over', async () => {
    await startSession(store, alice.id, NOW - 8 * DAY)
    await startSession(store, alice.id, NOW - 33 * HOUR)
    await startSession(store, alice.id, NOW)

    expect(await store.Session.count({ where: { userId: alice.id } })).toBe(1)
  })
})

describe('endSession', () => {
  it('ends this one and no other', async () => {
    const [ended, kept] = [await startSession(store, alice.id, NOW), await startSession(store, alice.id, NOW)]

    await endSession(store, ended)

    expect(await findSession(store, ended, NOW)).toBeNull()
    expect(await findSession(store, kept, NOW)).not.toBeNull()
  })
})

describe('endSessionsOf', () => {
  it('ends all of a person, but for one', async () => {
    const bob = await createUser({ store })
    const others = [await startSession(store, alice.id, NOW), await startSession(store, alice.id, NOW)]
    const kept = await startSession(store, alice.id, NOW)
    const bobs = await startSession(store, bob.id, NOW)
    const except = (await findSession(store, kept, NOW))?.id ?? ''

    await store.db.transaction((transaction) => endSessionsOf(store, alice.id, { except, transaction }))

    const found = await Promise.all([...others, kept, bobs].map((sid) => findSession(store, sid, NOW)))
    expect(found.map((session) => session?.userId)).toEqual([undefined, undefined, alice.id, bob.id])
  })
})
