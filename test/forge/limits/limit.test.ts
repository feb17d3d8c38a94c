import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createLimit } from '../../../forge/limits/limit.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterEach(() => void vi.useRealTimers())

describe('createLimit', () => {
  it('allows so many, and not one more', () => {
    const limit = createLimit('test', { max: 2, windowSeconds: 60 })

    expect(limit.take('alice')).toEqual({ allowed: true, remaining: 1, resetSeconds: 60 })
    expect(limit.take('alice')).toEqual({ allowed: true, remaining: 0, resetSeconds: 60 })
    expect(limit.take('alice')).toEqual({ allowed: false, remaining: 0, resetSeconds: 60 })
  })

  it('begins anew in the moment in which the window ends, and not before', () => {
    const limit = createLimit('test', { max: 1, windowSeconds: 60 })
    limit.take('alice')

    vi.setSystemTime(NOW + 59_999)
    expect(limit.take('alice')).toEqual({ allowed: false, remaining: 0, resetSeconds: 1 })
    vi.setSystemTime(NOW + 60_000)
    expect(limit.take('alice')).toEqual({ allowed: true, remaining: 0, resetSeconds: 60 })
  })

  it('does not push the end away by those that it refuses', () => {
    const limit = createLimit('test', { max: 1, windowSeconds: 60 })
    limit.take('alice')
    vi.setSystemTime(NOW + 30_000)
    limit.take('alice')

    expect(limit.take('alice').resetSeconds).toBe(30)
  })

  it('counts each key for itself', () => {
    const limit = createLimit('test', { max: 1, windowSeconds: 60 })
    limit.take('alice')

    expect(limit.take('bob').allowed).toBe(true)
  })

  it('forgets the key that was not used for longest, when there are too many', () => {
    const limit = createLimit('test', { max: 1, windowSeconds: 60 }, { maxKeys: 2 })
    for (const key of ['alice', 'bob', 'carol']) limit.take(key)

    expect(limit.take('carol').allowed).toBe(false)
    expect(limit.take('alice').allowed).toBe(true)
  })
})
