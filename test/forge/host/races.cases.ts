import { afterAll, beforeAll, expect, it } from 'vitest'

import { openDatabase } from '../../../forge/host/database.ts'
import { addMember, createTeam, createUser, openBrowser } from '../../support/builders.ts'
import { createTestDatabase, type Dialect } from '../../support/database.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const AT_ONCE = 8
const PERSON = { name: 'Racer', password: 'correct horse' }
const atOnce = <T>(work: (n: number) => PromiseLike<T>) =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, n) => work(n)))
const statuses = (answers: { statusCode: number }[]) => answers.map(({ statusCode }) => statusCode).sort()

/** Things that only one of several may do, done by several at the same time. */
export function raceCases(dialect: Dialect): void {
  let forge: TestForge
  beforeAll(async () => {
    forge = await startForge({ dialect })
  })
  afterAll(() => forge.close())

  it('sets up exactly one first administrator, whichever forge gave the link out', async () => {
    const { db, url, cleanup } = await createTestDatabase(dialect)
    const otherDb = await openDatabase(url)
    const forges = [await startForge({ db, empty: true }), await startForge({ db: otherDb, empty: true })]

    const answers = await atOnce((n) => {
      const { app, setupCode: code } = forges[n % 2] ?? forge
      const payload = { ...PERSON, code, username: `root-${n}`, email: `root-${n}@example.com` }
      return app.inject({ method: 'POST', url: '/account/setup', payload })
    })

    expect(statuses(answers)).toEqual([201, ...Array<number>(AT_ONCE - 1).fill(400)])
    expect(await forges[0]?.store.User.count()).toBe(1)
    for (const each of forges) await each.close()
    await otherDb.close()
    await cleanup()
  })

  it('gives a user name to one of several', async () => {
    const admin = await openBrowser(forge, forge.admin)

    const answers = await atOnce((n) =>
      admin('POST', '/api/v1/users', {
        ...PERSON,
        username: n % 2 ? 'racer' : 'RACER',
        email: `racer-${n}@example.com`,
      }),
    )

    expect(statuses(answers)).toEqual([201, ...Array<number>(AT_ONCE - 1).fill(409)])
  })

  it('gives a chosen slug to one team, and a slug of its own to each that leaves it open', async () => {
    const browser = await openBrowser(forge, forge.admin)

    const chosen = await atOnce(() => browser('POST', '/api/v1/teams', { name: 'Race', slug: 'race' }))
    expect(statuses(chosen)).toEqual([201, ...Array<number>(AT_ONCE - 1).fill(409)])

    const open = await atOnce(() => browser('POST', '/api/v1/teams', { name: 'Race' }))
    expect(statuses(open)).toEqual(Array<number>(AT_ONCE).fill(201))
    expect(await forge.store.Member.count({ where: { userId: forge.admin.id } })).toBe(AT_ONCE + 1)
  })

  it('adds a member once', async () => {
    const team = await createTeam(forge, { owner: forge.admin })
    const user = await createUser(forge)
    const browser = await openBrowser(forge, forge.admin)

    const body = { user: user.username, role: 'member' }
    const answers = await atOnce(() => browser('POST', `/api/v1/teams/${team.id}/members`, body))

    expect(statuses(answers)).toEqual([201, ...Array<number>(AT_ONCE - 1).fill(409)])
  })

  it('leaves an owner when two remove or demote each other', async () => {
    for (let round = 0; round < 5; round++) {
      const [alice, bob] = [await createUser(forge), await createUser(forge)]
      const team = await createTeam(forge, { owner: alice })
      await addMember(forge, { team, user: bob, role: 'owner' })
      const [asAlice, asBob] = [await openBrowser(forge, alice), await openBrowser(forge, bob)]
      const members = `/api/v1/teams/${team.id}/members`

      await Promise.all([
        asAlice('DELETE', `${members}/${bob.id}`),
        asBob('PATCH', `${members}/${alice.id}`, { role: 'viewer' }),
      ])

      expect(await forge.store.Member.count({ where: { teamId: team.id, roleLevel: 50 } })).toBe(1)
    }
  })

  it('leaves an administrator when two demote each other', async () => {
    for (let round = 0; round < 5; round++) {
      const rival = await createUser(forge, { admin: true })
      const [one, other] = [await openBrowser(forge, forge.admin), await openBrowser(forge, rival)]

      await Promise.all([
        one('PATCH', `/api/v1/users/${rival.id}`, { admin: false }),
        other('PATCH', `/api/v1/users/${forge.admin.id}`, { suspended: true }),
      ])

      expect(await forge.store.User.count({ where: { admin: true, suspended: false } })).toBe(1)
      await forge.store.User.update({ admin: false }, { where: { id: rival.id } })
      await forge.store.User.update({ admin: true, suspended: false }, { where: { id: forge.admin.id } })
    }
  })

  it('counts sign-ins side by side against the limit', async () => {
    const victim = await createUser(forge)
    const anyone = await openBrowser(forge)
    const guess = () => anyone('POST', '/account/login', { username: victim.username, password: 'a guess' })

    const answers = await Promise.all(Array.from({ length: 15 }, guess))

    expect(statuses(answers)).toEqual([...Array<number>(10).fill(401), ...Array<number>(5).fill(429)])
  })
}
