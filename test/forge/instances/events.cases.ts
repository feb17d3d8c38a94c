import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import type { Grant } from '../../../forge/contract/grant.ts'
import { DEFAULT_POLICY } from '../../../forge/contract/policy.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  setOverride,
  type Browser,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { openEvents, type EventReader, type HeardEvent } from '../../support/events.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

/** What instances hear that listen to a forge. */
export function eventCases(dialect: Dialect): void {
  let forge: TestForge
  let alice: TestUser
  let bob: TestUser
  let team: { id: string }
  let application: TestApplication
  let packer: TestInstance
  let sealer: TestInstance
  let elsewhere: TestInstance
  const open: EventReader[] = []

  beforeAll(async () => {
    forge = await startForge({ dialect, listen: true })
    alice = await createUser(forge)
    bob = await createUser(forge)
    team = await createTeam(forge, { owner: alice })
    await addMember(forge, { team, user: bob, role: 'member' })
    application = await createApplication(forge, { team })
    packer = await createInstance(forge, { application })
    sealer = await createInstance(forge, { application: await createApplication(forge, { team }) })
    const otherTeam = await createTeam(forge, { owner: alice })
    elsewhere = await createInstance(forge, { application: await createApplication(forge, { team: otherTeam }) })
  })
  afterAll(() => forge.close())
  afterEach(() => {
    for (const reader of open.splice(0)) reader.close()
  })

  const listen = async (instance: TestInstance, lastEventId?: string) => {
    const reader = await openEvents(forge.url, instance.credential, lastEventId)
    open.push(reader)
    return { reader, hello: await reader.next() }
  }
  /** Makes everybody of an instance hear that all has to be forgotten: by then they have heard what was before. */
  const touch = ({ id }: TestInstance) =>
    forge.store.Instance.update({ name: `renamed ${Math.random()}` }, { where: { id } })
  const untilTouched = async ({ next }: EventReader): Promise<HeardEvent[]> => {
    const heard: HeardEvent[] = []
    for (;;) {
      const event = await next()
      if (event.event === 'forget' && event.data.tokenId === undefined) return heard
      heard.push(event)
    }
  }
  /** What each of the instances hears of something. */
  const heardOf = async (work: () => Promise<unknown>, instances: TestInstance[]) => {
    const readers = await Promise.all(instances.map((instance) => listen(instance)))
    await work()
    for (const instance of instances) await touch(instance)
    const heard = await Promise.all(readers.map(({ reader }) => untilTouched(reader)))
    return heard.map((events) => [...new Set(events.map(({ data }) => JSON.stringify(data)))])
  }

  const mint = (...grants: Grant[]) =>
    mintToken(forge, { user: alice, instance: packer, ...(grants[0] ? { grants } : {}) })
  const as = async (user: TestUser, ...[method, path, body]: Parameters<Browser>) => {
    const answer = await (await openBrowser(forge, user))(method, path, body)
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${answer.body}`)
  }
  /** An end without goodbye; what the test itself has made may still be told before it. */
  const endsAtOnce = async ({ rest }: EventReader) =>
    expect((await rest()).map(({ event }) => event)).not.toContain('bye')
  const forget = (tokenId: string) => [JSON.stringify({ tokenId })]

  describe('the stream', () => {
    it('begins with hello, which says what a heartbeat is', async () => {
      const { reader, hello } = await listen(packer)

      expect(reader.status).toBe(200)
      expect(reader.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
      expect(reader.headers.get('cache-control')).toBe('no-store')
      expect(hello).toMatchObject({ event: 'hello', data: { resumed: false, heartbeatSeconds: 5 } })
    })

    it.each([
      ['no credential', undefined],
      ['a wrong one', 'Bearer fft_wrong'],
      ['a token', 'Bearer ffpat_something'],
    ])('is closed to who has %s', async (_what, authorization) => {
      const headers = authorization === undefined ? {} : { authorization }
      const answer = await forge.app.inject({ url: '/api/v1/instance/events', headers })

      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toMatchObject({ code: 'invalid_client' })
    })

    it('goes on where it was when the instance comes back', async () => {
      const { id } = await mint()
      const { reader: other } = await listen(sealer) // with nobody listening, nothing is remembered
      const { reader, hello } = await listen(packer)
      reader.close()
      await as(alice, 'DELETE', `/api/v1/tokens/${id}`)
      await touch(sealer)
      await untilTouched(other)

      const again = await listen(packer, hello.id)
      const next = await again.reader.next()

      expect(again.hello).toMatchObject({ id: hello.id, data: { resumed: true } })
      expect(next.data).toEqual({ tokenId: id })
      expect((await listen(packer, next.id)).hello).toMatchObject({ id: next.id, data: { resumed: true } })
    })

    it.each(['nonsense', '0123456789abcdef-1', '-1'])('does not go on from an id of nobody: %s', async (id) => {
      expect((await listen(packer, id)).hello.data).toMatchObject({ resumed: false })
    })

    it('gives way to a newer one when an instance opens more than it can need', async () => {
      const { reader: first } = await listen(packer)
      for (let n = 0; n < 8; n++) await listen(packer)

      await endsAtOnce(first)
    })

    it('ends when the credential is replaced, and is closed to the old one', async () => {
      const instance = await createInstance(forge, { application })
      const { reader } = await listen(instance)
      await as(alice, 'POST', `/api/v1/instances/${instance.id}/credentials`, {})

      await endsAtOnce(reader)
      expect((await openEvents(forge.url, instance.credential)).status).toBe(401)
    })

    it('ends when the instance is deleted', async () => {
      const instance = await createInstance(forge, { application })
      const { reader } = await listen(instance)
      await as(alice, 'DELETE', `/api/v1/instances/${instance.id}`)

      await endsAtOnce(reader)
    })
  })

  describe('a token that is revoked', () => {
    it.each([
      ['an instance', () => ({ type: 'instance', id: packer.id }) as const, [true, false, false]],
      ['an application', () => ({ type: 'application', id: application.id }) as const, [true, false, false]],
      ['a team', () => ({ type: 'team', id: team.id }) as const, [true, true, false]],
    ])('is told to where it reaches, and to nobody else: %s', async (_what, grant, hear) => {
      const { id } = await mint(grant())
      const heard = await heardOf(() => as(alice, 'DELETE', `/api/v1/tokens/${id}`), [packer, sealer, elsewhere])

      expect(heard).toEqual(hear.map((hears) => (hears ? forget(id) : [])))
    })

    it('is told by hand in the database', async () => {
      const { id } = await mint()
      const byHand = () => forge.db.query(`UPDATE pat_tokens SET revoked_at = created_at WHERE id = '${id}'`)

      expect(await heardOf(byHand, [packer])).toEqual([forget(id)])
    })
  })

  it('tells of a token that is edited where it ceases to reach, too', async () => {
    const { id } = await mint({ type: 'instance', id: packer.id }, { type: 'instance', id: sealer.id })
    const grants = [{ type: 'instance', id: sealer.id }]
    const heard = await heardOf(
      () => as(alice, 'PATCH', `/api/v1/tokens/${id}`, { grants }),
      [packer, sealer, elsewhere],
    )

    expect(heard).toEqual([forget(id), forget(id), []])
  })

  it('tells of what was exchanged for a token that is revoked, where that reaches', async () => {
    const parent = await mint({ type: 'instance', id: packer.id })
    const child = await mint({ type: 'instance', id: sealer.id })
    await forge.db.query(`UPDATE pat_tokens SET parent_id = '${parent.id}' WHERE id = '${child.id}'`)
    const heard = await heardOf(() => as(alice, 'DELETE', `/api/v1/tokens/${parent.id}`), [packer, sealer, elsewhere])

    expect(heard).toEqual([forget(parent.id), forget(child.id), []])
  })

  it('tells an instance of new rules for its tools', async () => {
    const { reader } = await listen(packer)
    const insert = `INSERT INTO pat_tool_rules (instance_id, rules, updated_at) VALUES ('${packer.id}', '[]', '2026-11-24')`
    await forge.db.query(insert)

    expect(await reader.next()).toMatchObject({ event: 'rules', data: {} })
  })

  it('tells of every live token of a person whose role changes, where it reaches', async () => {
    const { id } = await mintToken(forge, { user: bob, instance: packer })
    const gone = await mintToken(forge, { user: bob, instance: packer })
    await as(bob, 'DELETE', `/api/v1/tokens/${gone.id}`)

    const override = () => setOverride(forge, { application, user: bob, role: 'viewer' })
    expect(await heardOf(override, [packer, sealer])).toEqual([forget(id), []])
    const leave = () => as(alice, 'DELETE', `/api/v1/teams/${team.id}/members/${bob.id}`)
    expect(await heardOf(leave, [packer, sealer])).toEqual([forget(id), []])
  })

  it('lets the instances of a team forget everything when its policy changes, and no others', async () => {
    const [{ reader: here }, { reader: there }] = [await listen(sealer), await listen(elsewhere)]
    await as(alice, 'PUT', `/api/v1/teams/${team.id}/token-policy`, { ...DEFAULT_POLICY, maxLifetimeDays: 60 })
    expect(await here.next()).toMatchObject({ event: 'forget', data: {} })
    await touch(elsewhere)
    expect(await there.next()).toMatchObject({ event: 'forget', data: {} })
    there.close()
  })

  it('follows an instance that moves to another team', async () => {
    const moving = await createInstance(forge, { application })
    const { reader } = await listen(moving)
    await forge.store.Instance.update({ applicationId: elsewhere.applicationId }, { where: { id: moving.id } })
    await untilTouched(reader)

    await forge.store.Team.update({ suspended: true }, { where: { id: elsewhere.teamId } })
    expect(await reader.next()).toMatchObject({ event: 'forget', data: {} })
  })

  it('says goodbye when the forge stops, and does not keep it from stopping', async () => {
    const stopping = await startForge({ dialect, listen: true })
    const owned = await createTeam(stopping, { owner: stopping.admin })
    const instance = await createInstance(stopping, { application: await createApplication(stopping, { team: owned }) })
    const reader = await openEvents(stopping.url, instance.credential)
    await reader.next()

    await stopping.close()
    expect((await reader.rest()).at(-1)).toMatchObject({ event: 'bye', data: {} })
  })
}
