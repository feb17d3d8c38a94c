import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Token, TokenUsage } from '../../../forge/contract/token.ts'
import { createLastUse, type LastUse } from '../../../forge/tokens/last-use.ts'
import { oldUsageTask } from '../../../forge/tokens/usage.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const NOW = Date.parse('2026-11-23T23:59:50.000Z')

let forge: TestForge
let alice: TestUser
let instance: TestInstance
let id: string
const recorders: LastUse[] = []

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  forge = await startForge()
  alice = await createUser(forge)
  const team = await createTeam(forge, { owner: alice })
  instance = await createInstance(forge, { application: await createApplication(forge, { team }), name: 'packer' })
  id = (await mintToken(forge, { user: alice, instance })).id
})
afterEach(async () => {
  for (const recorder of recorders.splice(0)) await recorder.close()
  await forge.close()
  vi.useRealTimers()
})

/** The recorder of a forge on the same database. */
function anotherForge(): LastUse {
  const recorder = createLastUse(forge.db, (error) => {
    throw error
  })
  recorders.push(recorder)
  return recorder
}
const use = (client: string, at = Date.now()) => ({ at, instanceId: instance.id, client, address: '192.0.2.7' })
const ask = async <T>(path: string) => {
  const browser = await openBrowser(forge, alice)
  return (await browser('GET', `/api/v1/tokens/${id}${path}`)).json<T>()
}
const shown = async () => (await ask<Token>('')).lastUse

describe('the last use', () => {
  it('names time, instance, client and address', async () => {
    const recorder = anotherForge()
    recorder.note(id, use('claude-code/2'))
    await recorder.flush()

    expect(await shown()).toEqual({
      at: '2026-11-23T23:59:50.000Z',
      instanceId: instance.id,
      instanceName: 'packer',
      client: 'claude-code/2',
      address: '192.0.2.7',
    })
  })

  it('is written at most every 30 seconds', async () => {
    const recorder = anotherForge()
    recorder.note(id, use('first'))
    await recorder.flush()

    vi.setSystemTime(NOW + 29_999)
    recorder.note(id, use('second'))
    await recorder.flush()
    expect((await shown())?.client).toBe('first')

    vi.setSystemTime(NOW + 30_000)
    await recorder.flush()
    expect((await shown())?.client).toBe('second')
  })

  it('is counted although the clock was set back, and stays the latest', async () => {
    const recorder = anotherForge()
    recorder.note(id, use('first'))
    await recorder.flush()

    vi.setSystemTime(NOW - 7_200_000)
    recorder.note(id, use('after the clock was moved', NOW - 7_200_000))
    await recorder.flush()

    expect((await shown())?.client).toBe('first')
    const { days } = await ask<TokenUsage>('/usage')
    expect(days.reduce((sum, { uses }) => sum + uses, 0)).toBe(2)
  })

  it('is the later one of two forges, whichever writes last', async () => {
    const [one, other] = [anotherForge(), anotherForge()]
    one.note(id, use('earlier', NOW))
    other.note(id, use('later', NOW + 1000))
    await other.flush()
    await one.flush()

    expect((await shown())?.client).toBe('later')
  })

  it('is written of many tokens at a time, whatever their uses have in common, and of none that is gone', async () => {
    const others = [id]
    for (let n = 0; n < 3; n++) others.push((await mintToken(forge, { user: alice, instance })).id)
    const recorder = anotherForge()
    recorder.note('gone', use('nobody'))
    for (const each of others) recorder.note(each, use(`it is "${each}"`))
    recorder.note(id, { ...use('', NOW + 11_000), client: null, address: null })
    await recorder.flush()

    vi.setSystemTime(NOW + 11_000)
    const browser = await openBrowser(forge, alice)
    const uses = await Promise.all(
      others.map(async (each) => (await browser('GET', `/api/v1/tokens/${each}`)).json<Token>().lastUse),
    )
    expect(uses.map((each) => each?.client)).toEqual([null, ...others.slice(1).map((each) => `it is "${each}"`)])
    expect(uses[0]).toMatchObject({ at: '2026-11-24T00:00:01.000Z', address: null })
    const { days } = await ask<TokenUsage>('/usage')
    expect(days.filter(({ uses: count }) => count > 0)).toEqual([
      { day: '2026-11-23', uses: 1 },
      { day: '2026-11-24', uses: 1 },
    ])
  })
})

describe('the count per day', () => {
  const counts = async () => (await ask<TokenUsage>('/usage')).days

  it('adds up over forges, and begins anew at midnight UTC', async () => {
    const [one, other] = [anotherForge(), anotherForge()]
    one.note(id, use('a'))
    one.note(id, use('a'))
    other.note(id, use('b'))
    vi.setSystemTime(NOW + 10_000)
    other.note(id, use('b'))
    await Promise.all([one.flush(), other.flush()])

    expect((await counts()).slice(-3)).toEqual([
      { day: '2026-11-22', uses: 0 },
      { day: '2026-11-23', uses: 3 },
      { day: '2026-11-24', uses: 1 },
    ])
    expect(await counts()).toHaveLength(30)
  })

  it('is kept for thirty days', async () => {
    const recorder = anotherForge()
    recorder.note(id, use('a'))
    await recorder.flush()

    await oldUsageTask(forge).run(new Date('2026-12-22T23:59:59.999Z'), () => false)
    expect((await counts()).at(-1)).toEqual({ day: '2026-11-23', uses: 1 })
    await oldUsageTask(forge).run(new Date('2026-12-23T00:00:00.000Z'), () => false)
    expect((await counts()).at(-1)).toEqual({ day: '2026-11-23', uses: 0 })
  })

  it("is nobody else's to see", async () => {
    const browser = await openBrowser(forge, await createUser(forge))
    expect((await browser('GET', `/api/v1/tokens/${id}/usage`)).statusCode).toBe(404)
  })
})
