import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createAttemptLimit } from '../../../../forge/host/sessions/attempt-limit.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-23T08:00:00Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

const limit = () => createAttemptLimit({ max: 3, maxFromAnywhere: 5, windowMs: 60_000 })
const HERE = '192.0.2.1'
const fail = async (attempts: ReturnType<typeof limit>, name: string, times: number) => {
  for (let i = 0; i < times; i++) await attempts.begin(name, HERE)
}

describe('createAttemptLimit', () => {
  it('refuses the fourth failure in a minute, and says when to come back', async () => {
    const attempts = limit()
    await fail(attempts, 'alice', 3)
    vi.setSystemTime(Date.parse('2026-11-23T08:00:18Z'))

    await expect(attempts.begin('alice', HERE)).rejects.toThrow(
      expect.objectContaining({ code: 'too_many_requests', retryAfterSeconds: 42 }),
    )
  })

  it('takes names in any case for the same', async () => {
    const attempts = limit()
    await fail(attempts, 'alice', 3)

    await expect(attempts.begin('ALICE', HERE)).rejects.toThrow(/Too many failed attempts/)
  })

  it('counts each name by itself', async () => {
    const attempts = limit()
    await fail(attempts, 'alice', 3)

    await expect(attempts.begin('bob', HERE)).resolves.toBeDefined()
  })

  it('does not let one address lock a person out at another', async () => {
    const attempts = limit()
    await fail(attempts, 'alice', 3)

    await expect(attempts.begin('alice', '192.0.2.2')).resolves.toBeDefined()
  })

  it('takes all of an IPv6 network for one address', async () => {
    const attempts = limit()
    for (const host of ['1', '2', '3']) await attempts.begin('alice', `2001:db8:0:1::${host}`)

    await expect(attempts.begin('alice', '2001:db8:0:1::4')).rejects.toThrow(/Too many failed attempts/)
    await expect(attempts.begin('alice', '2001:db8:0:2::1')).resolves.toBeDefined()
  })

  it('bounds the guesses of many addresses together', async () => {
    const attempts = limit()
    for (let i = 0; i < 5; i++) await attempts.begin('alice', `198.51.100.${i}`)

    await expect(attempts.begin('alice', HERE)).rejects.toThrow(/Too many failed attempts/)
  })

  it('does not count what succeeded', async () => {
    const attempts = limit()
    for (let i = 0; i < 10; i++) await (await attempts.begin('alice', HERE)).takeBack()

    await fail(attempts, 'alice', 3)
    await expect(attempts.begin('alice', HERE)).rejects.toThrow()
  })

  it('counts attempts that have not ended yet', async () => {
    const attempts = limit()
    const begin = () => attempts.begin('alice', HERE)
    const underWay = await Promise.all([begin(), begin(), begin()])

    await expect(attempts.begin('alice', HERE)).rejects.toThrow()
    await underWay[0].takeBack()
    await expect(attempts.begin('alice', HERE)).resolves.toBeDefined()
  })

  it('begins anew exactly when the window ends', async () => {
    const attempts = limit()
    await fail(attempts, 'alice', 3)

    vi.setSystemTime(Date.parse('2026-11-23T08:00:59.999Z'))
    await expect(attempts.begin('alice', HERE)).rejects.toThrow()
    vi.setSystemTime(Date.parse('2026-11-23T08:01:00Z'))
    await expect(attempts.begin('alice', HERE)).resolves.toBeDefined()
  })
})
