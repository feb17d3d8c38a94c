import { expect, it, vi } from 'vitest'

import type { FirstCall, SlipReport } from '../../../forge/contract/slips.ts'
import { oldSlipsTask } from '../../../forge/tokens/slips.ts'
import { createApplication, createInstance, createTeam, type Browser } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { asInstance } from '../mcp/scene.ts'
import { introspect, mint, NOW, useWorld } from '../oversight/scene.ts'
import { eventually } from '../../support/eventually.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

export function slipCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  const firstCall = async (id: string, browser: Browser = world.member) =>
    (await browser('GET', `/api/v1/tokens/${id}/first-call`)).json<FirstCall>()
  const slipsOf = async (id: string) => (await firstCall(id)).slips.map(({ slip, certain }) => ({ slip, certain }))
  const report = async (slips: SlipReport['slips'], instance: { credential: string } = world.instance) => {
    const answer = await asInstance(world.forge, instance)('POST', 'slips', { slips })
    return [answer.statusCode, answer.body]
  }
  const second = (application = world.application) => createInstance(world.forge, { application, name: 'labeller' })

  it('says at first that there is nothing', async () => {
    const { id } = await mint(world)
    expect(await firstCall(id)).toEqual({ lastUse: null, slips: [] })
  })

  it('tells who waits that their token came cut off, and where', async () => {
    const { id, selector } = await mint(world)
    vi.setSystemTime(NOW + SECOND_MS)
    expect(await report([{ slip: 'truncated', selector }])).toEqual([204, ''])
    expect((await firstCall(id)).slips).toEqual([
      {
        slip: 'truncated',
        at: '2026-11-23T12:00:01.000Z',
        instance: { id: world.instance.id, name: 'packer' },
        certain: true,
      },
    ])
  })

  it('tells of a placeholder everybody who waits for a call there, and nobody else', async () => {
    const other = await second()
    const here = await mint(world)
    const elsewhere = await mint(world, { instance: other })
    await report([{ slip: 'not_expanded' }])
    expect(await slipsOf(here.id)).toEqual([{ slip: 'not_expanded', certain: false }])
    expect(await slipsOf(elsewhere.id)).toEqual([])
  })

  it('tells of nothing that came before the token was minted', async () => {
    await report([{ slip: 'not_expanded' }])
    vi.setSystemTime(NOW + SECOND_MS)
    const { id } = await mint(world)
    expect(await slipsOf(id)).toEqual([])
  })

  it('tells that a whole token was taken to another instance', async () => {
    const other = await second()
    const { id, token } = await mint(world)
    expect(await introspect(world, other, token)).toEqual({ active: false })
    await eventually(async () => {
      const { slips } = await firstCall(id)
      expect(slips).toMatchObject([{ slip: 'wrong_instance', instance: { name: 'labeller' }, certain: true }])
    })
  })

  it('is silent once the token was used', async () => {
    const { id, selector, token } = await mint(world)
    await report([{ slip: 'truncated', selector }, { slip: 'not_expanded' }])
    await introspect(world, world.instance, token)
    await vi.waitFor(async () => expect((await firstCall(id)).lastUse).not.toBeNull(), 5_000)
    expect(await slipsOf(id)).toEqual([])
    await report([{ slip: 'truncated', selector }])
    expect(await slipsOf(id)).toEqual([])
  })

  it('answers the same about a selector that nobody has, and writes nothing', async () => {
    const { id } = await mint(world)
    expect(await report([{ slip: 'truncated', selector: 'NoSuchToken0' }])).toEqual([204, ''])
    expect(await slipsOf(id)).toEqual([])
  })

  it('takes no word about a token from an instance of a team that its owner is not in', async () => {
    const team = await createTeam(world.forge, { slug: 'line-9', owner: world.olga })
    const foreign = await second(await createApplication(world.forge, { team }))
    const { id, selector } = await mint(world)
    expect(await report([{ slip: 'truncated', selector }], foreign)).toEqual([204, ''])
    expect(await slipsOf(id)).toEqual([])
  })

  it('shows them to the owner of the token alone', async () => {
    const { id } = await mint(world)
    for (const browser of [world.owner, world.stranger]) {
      expect((await browser('GET', `/api/v1/tokens/${id}/first-call`)).statusCode).toBe(404)
    }
  })

  it('keeps one of each kind and place, the latest, and none for longer than a day', async () => {
    const { id, selector } = await mint(world)
    for (const seconds of [1, 2, 3]) {
      vi.setSystemTime(NOW + seconds * SECOND_MS)
      await report([{ slip: 'truncated', selector }])
    }
    const { slips } = await firstCall(id)
    expect(slips.map(({ at }) => at)).toEqual(['2026-11-23T12:00:03.000Z'])

    const lease = {} as never
    await oldSlipsTask(world.forge).run(new Date(NOW + 24 * HOUR_MS), lease)
    expect(await slipsOf(id)).toHaveLength(1)
    await oldSlipsTask(world.forge).run(new Date(NOW + 25 * HOUR_MS), lease)
    expect(await slipsOf(id)).toEqual([])
  })

  it('refuses a report that says more than kinds and selectors, or too much', async () => {
    const bodies = [
      { slips: [] },
      { slips: [{ slip: 'nonsense' }] },
      { slips: [{ slip: 'truncated', selector: 'short' }] },
      { slips: [{ slip: 'truncated', text: 'ffpat_' }] },
      { slips: Array.from({ length: 21 }, () => ({ slip: 'quoted' })) },
    ]
    for (const body of bodies) {
      const answer = await asInstance(world.forge, world.instance)('POST', 'slips', body)
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'invalid_request'])
    }
  })

  it('takes no report without the credential of an instance', async () => {
    const body = { slips: [{ slip: 'quoted' }] }
    expect((await world.member('POST', '/api/v1/instance/slips', body)).statusCode).toBe(401)
  })
}
