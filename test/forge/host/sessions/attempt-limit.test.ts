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
const fail = (attempts: ReturnType<typeof limit>, name: string, times: number) => {
  for (let i = 0; i < times; i++) attempts.begin(name, HERE)
}

describe('createAttemptLimit', () => {
  it('refuses the fourth failure in a minute, and says when to come back', () => {
    const attempts = limit()
    fail(attempts, 'alice', 3)
    vi.setSystemTime(Date.parse('2026-11-23T08:00:18Z'))

    expect(() => attempts.begin('alice', HERE)).toThrow(
      expect.objectContaining({ code: 'too_many_requests', retryAfterSeconds: 42 }),
    )
  })

  it('takes names in any case for the same', () => {
    const attempts = limit()
    fail(attempts, 'alice', 3)

    expect(() => attempts.begin('ALICE', HERE)).toThrow(/Too many failed attempts/)
  })

  it('counts each name by itself', () => {
    const attempts = limit()
    fail(attempts, 'alice', 3)

    expect(() => attempts.begin('bob', HERE)).not.toThrow()
  })

  it('does not let one address lock a person out at another', () => {
    const attempts = limit()
    fail(attempts, 'alice', 3)

    expect(() => attempts.begin('alice', '192.0.2.2')).not.toThrow()
  })

  it('takes all of an IPv6 network for one address', () => {
    const attempts = limit()
    for (const host of ['1', '2', '3']) attempts.begin('alice', `2001:db8:0:1::${host}`)

    expect(() => attempts.begin('alice', '2001:db8:0:1::4')).toThrow(/Too many failed attempts/)
    expect(() => attempts.begin('alice', '2001:db8:0:2::1')).not.toThrow()
  })

  it('bounds the guesses of many addresses together', () => {
    const attempts = limit()
    for (let i = 0; i < 5; i++) attempts.begin('alice', `198.51.100.${i}`)

    expect(() => attempts.begin('alice', HERE)).toThrow(/Too many failed attempts/)
  })

  it('does not count what succeeded', () => {
    const attempts = limit()
    for (let i = 0; i < 10; i++) attempts.begin('alice', HERE).takeBack()

    fail(attempts, 'alice', 3)
    expect(() => attempts.begin('alice', HERE)).toThrow()
  })

  it('counts attempts that have not ended yet', () => {
    const attempts = limit()
    const underWay = [attempts.begin('alice', HERE), attempts.begin('alice', HERE), attempts.begin('alice', HERE)]

    expect(() => attempts.begin('alice', HERE)).toThrow()
    underWay[0]?.takeBack()
    expect(() => attempts.begin('alice', HERE)).not.toThrow()
  })

  it('begins anew exactly when the window ends', () => {
    const attempts = limit()
    fail(attempts, 'alice', 3)

    vi.setSystemTime(Date.parse('2026-11-23T08:00:59.999Z'))
    expect(() => attempts.begin('alice', HERE)).toThrow()
    vi.setSystemTime(Date.parse('2026-11-23T08:01:00Z'))
    expect(() => attempts.begin('alice', HERE)).not.toThrow()
  })
})
