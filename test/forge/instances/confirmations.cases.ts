import { QueryTypes, type Sequelize } from 'sequelize'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { Grant } from '../../../forge/contract/grant.ts'
import type { RevokedForTeam } from '../../../forge/contract/oversight.ts'
import type { Revocation } from '../../../forge/contract/revocation.ts'
import { openDatabase } from '../../../forge/host/database.ts'
import { oldConfirmationsTask } from '../../../forge/instances/confirmations.ts'
import { createForgeLink } from '../../../instance/forge-link.ts'
import { readInstanceOptions } from '../../../instance/options.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  type Browser,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { createTestDatabase, type Dialect, type TestDatabase } from '../../support/database.ts'
import { openEvents, type EventReader } from '../../support/events.ts'
import { eventually } from '../../support/eventually.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const CONFIRMS = { prefer: 'respond-async, confirm;by="now"' }

/** Two forges on one database, and instances that listen to either. */
export function confirmationCases(dialect: Dialect): void {
  let database: TestDatabase
  let secondDb: Sequelize
  let first: TestForge
  let second: TestForge
  let alice: TestUser
  let application: TestApplication
  let packer: TestInstance
  let sealer: TestInstance
  let asAlice: Browser
  const open: EventReader[] = []

  beforeAll(async () => {
    database = await createTestDatabase(dialect)
    secondDb = await openDatabase(database.url)
    first = await startForge({ db: database.db, listen: true })
    second = await startForge({ db: secondDb, listen: true, empty: true })
    alice = await createUser(first)
    application = await createApplication(first, { team: await createTeam(first, { owner: alice }) })
    packer = await createInstance(first, { application })
    sealer = await createInstance(first, { application })
    asAlice = await openBrowser(first, alice)
  })
  afterAll(async () => {
    await first.close()
    await second.close()
    await secondDb.close()
    await database.cleanup()
  })
  afterEach(async () => {
    for (const reader of open.splice(0)) reader.close()
    await eventually(async () => expect(await count('pat_listeners')).toBe(0))
  })

  const count = async (table: string) => {
    const [row] = await database.db.query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`, {
      type: QueryTypes.SELECT,
    })
    return Number(row?.n)
  }
  const listen = async (
    { url }: TestForge,
    { credential }: TestInstance,
    headers: Record<string, string> = CONFIRMS,
  ) => {
    const reader = await openEvents(url, credential, undefined, headers)
    open.push(reader)
    const hello = await reader.next()
    const listenerId = hello.event === 'hello' ? hello.data.listenerId : undefined
    return { reader, hello, listenerId: listenerId ?? '' }
  }
  const confirm = async ({ app }: TestForge, { credential }: TestInstance, body: object) => {
    const headers = { authorization: `Bearer ${credential}` }
    const url = '/api/v1/instance/events/confirmations'
    return (await app.inject({ method: 'POST', url, headers, payload: body })).statusCode
  }
  const mint = () =>
    mintToken(first, { user: alice, instance: packer, grants: [{ type: 'application', id: application.id }] })
  const revoke = async (id: string) => expect((await asAlice('DELETE', `/api/v1/tokens/${id}`)).statusCode).toBe(204)
  /** As the other forge tells it. */
  const standing = async (id: string) => {
    const answer = await (await openBrowser(second, alice))('GET', `/api/v1/tokens/${id}/revocation`)
    expect(answer.statusCode).toBe(200)
    return answer.json<Revocation>()
  }

  /** Waits until a listener is asked about tokens; a forge may hear of what was before only after somebody listens to it. */
  const toBeAsked = async ({ reader }: { reader: EventReader }, ...ids: string[]) => {
    const awaited = new Set(ids)
    while (awaited.size > 0) {
      const { event, data } = await reader.next()
      if (event === 'forget' && data.tokenId && data.confirm) awaited.delete(data.tokenId)
    }
  }

  it('are summed over the forges, whichever of them is told', async () => {
    const old = await createInstance(first, { application })
    const away = await createInstance(first, { application })
    const { id } = await mint()
    const atFirst = await listen(first, packer)
    const atSecond = await listen(second, sealer)
    const silent = await listen(first, old, {})
    await revoke(id)

    await toBeAsked(atFirst, id)
    await toBeAsked(atSecond, id)
    expect(silent.hello.data).not.toHaveProperty('listenerId')
    expect((await silent.reader.next()).data).toEqual({ tokenId: id })
    expect(await standing(id)).toMatchObject({ confirmed: 0, waiting: 2, silent: 1, offline: 1, seconds: null })

    expect(await confirm(second, packer, { listenerId: atFirst.listenerId, tokenIds: [id] })).toBe(204)
    expect(await standing(id)).toMatchObject({ confirmed: 1, waiting: 1 })
    expect(await confirm(first, sealer, { listenerId: atSecond.listenerId, tokenIds: [id] })).toBe(204)
    expect(await confirm(first, sealer, { listenerId: atSecond.listenerId, tokenIds: [id] })).toBe(204)
    const all = await standing(id)
    expect(all).toMatchObject({ confirmed: 2, waiting: 0, silent: 1, offline: 1 })
    expect(all.seconds).toBeGreaterThanOrEqual(0)

    for (const instance of [old, away]) await first.store.Instance.destroy({ where: { id: instance.id } })
  })

  it('wait for each process of an instance', async () => {
    const { id } = await mint()
    const one = await listen(first, packer)
    const two = await listen(second, packer)
    await revoke(id)
    await confirm(first, packer, { listenerId: one.listenerId, tokenIds: [id] })
    expect(await standing(id)).toMatchObject({ confirmed: 0, waiting: 1, offline: 1 })
    await confirm(first, packer, { listenerId: two.listenerId, tokenIds: [id] })
    expect(await standing(id)).toMatchObject({ confirmed: 1, waiting: 0, offline: 1 })
  })

  it('stay when who gave them leaves, and are not waited for from who leaves without', async () => {
    const { id } = await mint()
    const stays = await listen(first, packer)
    await listen(second, sealer)
    await revoke(id)
    await confirm(first, packer, { listenerId: stays.listenerId, tokenIds: [id] })
    for (const reader of open.splice(0)) reader.close()

    await eventually(async () => expect(await standing(id)).toMatchObject({ confirmed: 1, waiting: 0, offline: 1 }))
  })

  it('are asked of nobody who comes after the revocation, since they hold nothing', async () => {
    const { id } = await mint()
    await revoke(id)
    await listen(second, sealer)

    expect(await standing(id)).toMatchObject({ confirmed: 0, waiting: 0, silent: 0, offline: 1 })
  })

  it('are not waited for from the listeners of a forge that died', async () => {
    const { id } = await mint()
    await listen(first, packer)
    await revoke(id)
    await database.db.query("UPDATE pat_listeners SET seen_at = '2026-11-24 00:00:00.000 +00:00'")

    expect(await standing(id)).toMatchObject({ waiting: 0, offline: 2 })
  })

  it('are taken of revoked tokens alone, and for a listener of one’s own', async () => {
    const [live, revoked] = [await mint(), await mint()]
    const { listenerId } = await listen(first, packer)
    await revoke(revoked.id)
    const before = await count('pat_confirmations')

    const tokenIds = [live.id, revoked.id, 'no-such-token']
    expect(await confirm(first, sealer, { listenerId, tokenIds })).toBe(204)
    expect(await confirm(first, packer, { listenerId: '0f8fad5b-d9cb-469f-a165-70867728950e', tokenIds })).toBe(204)
    expect(await count('pat_confirmations')).toBe(before)
    expect(await confirm(first, packer, { listenerId, tokenIds })).toBe(204)
    expect(await count('pat_confirmations')).toBe(before + 1)
  })

  it('say nothing of a token that does not reach who gives them', async () => {
    const stranger = await createInstance(first, {
      application: await createApplication(first, { team: await createTeam(first) }),
    })
    const { id } = await mint()
    const { listenerId } = await listen(first, stranger)
    await revoke(id)

    expect(await confirm(first, stranger, { listenerId, tokenIds: [id] })).toBe(204)
    expect(await standing(id)).toMatchObject({ confirmed: 0, offline: 2, seconds: null })
  })

  describe('of a token that an owner has ended', () => {
    /** As any forge tells the owner. */
    const cutStanding = async (place: string, id: string, browser = asAlice) =>
      browser('GET', `/api/v1/${place}/tokens/${id}/revocation`)
    const shown = async (place: string, id: string) => (await cutStanding(place, id)).json<Revocation>()
    const cut = async (place: string, id: string) =>
      expect((await asAlice('DELETE', `/api/v1/${place}/tokens/${id}`)).statusCode).toBe(204)
    const team = () => `teams/${application.teamId}`

    it('for a team are asked of its instances alone, and summed over the forges', async () => {
      const other = await createApplication(first, { team: await createTeam(first, { owner: alice }) })
      const elsewhere = await createInstance(first, { application: other })
      const grants = [application, other].map(({ id }) => ({ type: 'application' as const, id }))
      const { id } = await mintToken(first, { user: alice, instance: packer, grants })
      const listeners = [await listen(first, packer), await listen(second, sealer)] as const
      const outside = await listen(first, elsewhere)
      await cut(team(), id)

      for (const each of listeners) await toBeAsked(each, id)
      // It forgets, as it would for any change, and is not told of what happened elsewhere.
      for (;;) {
        const { event, data } = await outside.reader.next()
        expect(data).not.toHaveProperty('confirm')
        if (event === 'forget' && data.tokenId === id) break
      }
      expect(await shown(team(), id)).toMatchObject({ confirmed: 0, waiting: 2, silent: 0, offline: 0, seconds: null })

      const before = await count('pat_confirmations')
      await confirm(second, elsewhere, { listenerId: outside.listenerId, tokenIds: [id] })
      expect(await count('pat_confirmations')).toBe(before)
      await confirm(second, packer, { listenerId: listeners[0].listenerId, tokenIds: [id] })
      await confirm(first, sealer, { listenerId: listeners[1].listenerId, tokenIds: [id] })
      expect(await shown(team(), id)).toMatchObject({ confirmed: 2, waiting: 0 })
      // For its holder it goes on elsewhere.
      expect((await asAlice('GET', `/api/v1/tokens/${id}/revocation`)).statusCode).toBe(404)
    })

    it('for one instance are asked of that one', async () => {
      const { id } = await mint()
      const [at, beside] = [await listen(first, packer), await listen(first, sealer)]
      await cut(`instances/${packer.id}`, id)

      await toBeAsked(at, id)
      const before = await count('pat_confirmations')
      await confirm(first, sealer, { listenerId: beside.listenerId, tokenIds: [id] })
      expect(await count('pat_confirmations')).toBe(before)
      await confirm(first, packer, { listenerId: at.listenerId, tokenIds: [id] })
      expect(await shown(`instances/${packer.id}`, id)).toMatchObject({ confirmed: 1, waiting: 0, offline: 0 })
      expect((await cutStanding(team(), id)).statusCode).toBe(404)
    })

    it('are shown to the owners of the place alone, and of what was ended there', async () => {
      const [{ id }, { id: livesOn }] = [await mint(), await mint()]
      await cut(team(), id)
      const stranger = await openBrowser(first, await createUser(first))

      for (const place of [team(), `instances/${packer.id}`]) {
        const answer = await cutStanding(place, id)
        expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store'])
        expect((await cutStanding(place, id, stranger)).statusCode).toBe(404)
        for (const other of [livesOn, 'no-such-token']) expect((await cutStanding(place, other)).statusCode).toBe(404)
        expect((await first.app.inject(`/api/v1/${place}/tokens/${id}/revocation`)).statusCode).toBe(401)
      }
    })

    describe('with all others of its holder', () => {
      let bob: TestUser
      beforeEach(async () => {
        bob = await createUser(first)
        await addMember(first, { team: { id: application.teamId }, user: bob, role: 'member' })
      })
      const mintOf = (instance: TestInstance, grants: Grant[] = [{ type: 'instance', id: instance.id }]) =>
        mintToken(first, { user: bob, instance, grants })
      const cutAll = async () => {
        const answer = await asAlice('POST', `/api/v1/${team()}/tokens/revoke`, { userId: bob.id })
        expect(answer.statusCode).toBe(200)
        return answer.json<RevokedForTeam>()
      }
      const standingOfAll = async (since: string, { holder = bob.id, forge = second, user = alice } = {}) => {
        const query = new URLSearchParams({ holder, since }).toString()
        return (await openBrowser(forge, user))('GET', `/api/v1/${team()}/tokens/revocation?${query}`)
      }
      const sum = async (since: string) => (await standingOfAll(since)).json<Revocation>()

      it('wait for each token at each instance, and are summed over the forges', async () => {
        const [everywhere, one] = [
          await mintOf(packer, [{ type: 'application', id: application.id }]),
          await mintOf(packer),
        ]
        const [atFirst, atSecond] = [await listen(first, packer), await listen(second, sealer)]
        const away = await createInstance(first, { application })
        const { revoked, since } = await cutAll()
        expect(revoked).toBe(2)
        await toBeAsked(atFirst, everywhere.id, one.id)
        expect(await sum(since)).toMatchObject({ confirmed: 0, waiting: 2, silent: 0, offline: 1, seconds: null })

        await confirm(second, sealer, { listenerId: atSecond.listenerId, tokenIds: [everywhere.id] })
        await confirm(first, packer, { listenerId: atFirst.listenerId, tokenIds: [everywhere.id] })
        expect(await sum(since)).toMatchObject({ confirmed: 1, waiting: 1, offline: 1 })
        await confirm(second, packer, { listenerId: atFirst.listenerId, tokenIds: [one.id] })
        const all = await sum(since)
        expect(all).toMatchObject({ confirmed: 2, waiting: 0, silent: 0, offline: 1 })
        expect(all.seconds).toBeGreaterThanOrEqual(0)
        expect(all.revokedAt >= since).toBe(true)

        await first.store.Instance.destroy({ where: { id: away.id } })
      })

      it('are not whole where an instance left between the first and the last', async () => {
        const [early, late] = [await mintOf(packer), await mintOf(packer)]
        const { listenerId } = await listen(first, packer)
        await cut(team(), early.id)
        const { revokedAt: since } = await shown(team(), early.id)
        await confirm(first, packer, { listenerId, tokenIds: [early.id] })
        for (const reader of open.splice(0)) reader.close()
        await eventually(async () => expect(await count('pat_listeners')).toBe(0))
        await cut(team(), late.id)

        expect(await sum(since)).toMatchObject({ confirmed: 0, waiting: 0, offline: 1 })
      })

      it('leave out what was ended before, and what was ended for one instance', async () => {
        const [before, atOne] = [await mintOf(packer), await mintOf(packer)]
        await cut(team(), before.id)
        const { revokedAt } = await shown(team(), before.id)
        await cut(`instances/${packer.id}`, atOne.id)

        const later = new Date(Date.parse(revokedAt) + 1).toISOString()
        expect((await standingOfAll(later)).statusCode).toBe(404)
        expect(await sum(revokedAt)).toMatchObject({ revokedAt, offline: 1 })
      })

      it('are shown to owners of the team alone, and tell nobody who exists', async () => {
        await mintOf(packer)
        const { since } = await cutAll()
        const stranger = await createUser(first)

        const shownTo = await standingOfAll(since)
        expect([shownTo.statusCode, shownTo.headers['cache-control']]).toEqual([200, 'no-store'])
        const others = [
          await standingOfAll(since, { user: bob }),
          await standingOfAll(since, { user: stranger }),
          await standingOfAll(since, { holder: stranger.id }),
          await standingOfAll(since, { holder: 'nobody' }),
        ]
        expect(others.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404])
        expect(others[2]?.body).toBe(others[3]?.body)
      })

      it.each(['2016-12-31T23:59:60Z', '1969-01-01T00:00:00Z', 'yesterday'])(
        'are not asked since %s',
        async (since) => {
          const answer = await standingOfAll(since)
          expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'invalid_request'])
        },
      )
    })

    it('count from when its holder revoked it too', async () => {
      const { id } = await mint()
      await revoke(id)
      expect(await shown(team(), id)).toMatchObject({ confirmed: 0, offline: 2 })
    })
  })

  it.each([
    ['no list', { listenerId: '0f8fad5b-d9cb-469f-a165-70867728950e' }],
    ['an empty list', { listenerId: '0f8fad5b-d9cb-469f-a165-70867728950e', tokenIds: [] }],
    ['too long a list', { listenerId: '0f8fad5b-d9cb-469f-a165-70867728950e', tokenIds: Array(501).fill('a') }],
    ['no listener', { tokenIds: ['a'] }],
    ['something else besides', { listenerId: '0f8fad5b-d9cb-469f-a165-70867728950e', tokenIds: ['a'], all: true }],
  ])('are refused with %s', async (_what, body) => {
    expect(await confirm(first, packer, body)).toBe(400)
  })

  it('are taken from instances only', async () => {
    const [bad, none] = [{ credential: 'fft_wrong' }, { credential: (await mint()).token }]
    for (const caller of [bad, none]) {
      expect(await confirm(first, { ...packer, ...caller }, { listenerId: 'x', tokenIds: ['a'] })).toBe(401)
    }
  })

  describe('are shown', () => {
    it('to the owner of the token alone', async () => {
      const { id } = await mint()
      await revoke(id)
      const path = `/api/v1/tokens/${id}/revocation`

      expect((await (await openBrowser(first, await createUser(first)))('GET', path)).statusCode).toBe(404)
      expect((await first.app.inject(path)).statusCode).toBe(401)
      expect((await (await openBrowser(first, alice))('GET', path)).headers['cache-control']).toBe('no-store')
    })

    it('of no token that lives', async () => {
      const { id } = await mint()
      const answer = await asAlice('GET', `/api/v1/tokens/${id}/revocation`)
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'not_found'])
    })
  })

  it('come from a real instance', async () => {
    const { id } = await mint()
    const options = { forgeUrl: second.url, instanceToken: packer.credential, resourceUrl: packer.url }
    const link = createForgeLink(readInstanceOptions({ ...options, log: () => undefined }, {}))
    await eventually(async () => expect(await count('pat_listeners')).toBe(1))
    await revoke(id)

    await eventually(async () => expect(await standing(id)).toMatchObject({ confirmed: 1, waiting: 0 }))
    await link.close()
  })

  it('are removed after a day', async () => {
    const { id } = await mint()
    const { listenerId } = await listen(first, packer)
    await revoke(id)
    await confirm(first, packer, { listenerId, tokenIds: [id] })
    const task = oldConfirmationsTask(database.db)

    await task.run(new Date(), () => false)
    expect((await standing(id)).confirmed).toBe(1)
    await task.run(new Date(Date.now() + 86_500_000), () => false)
    expect(await count('pat_confirmations')).toBe(0)
  })

  it('are not waited for once a forge has stopped', async () => {
    const third = await startForge({ db: secondDb, listen: true, empty: true })
    await listen(third, packer)
    expect(await count('pat_listeners')).toBe(1)
    await third.close()
    expect(await count('pat_listeners')).toBe(0)
  })
}
