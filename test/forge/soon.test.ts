import { describe, expect, it, vi } from 'vitest'

import { soon, telling, type Soon } from '../../forge/soon.ts'

const refuse = (): never => {
  throw new Error('no')
}

describe('soon', () => {
  it('goes on at once with what is there', () => {
    expect(soon('here', (value) => `${value} now`)).toBe('here now')
    expect(soon(null, (value) => value)).toBeNull()
  })

  it('waits for what is not', async () => {
    expect(await soon(Promise.resolve('later'), (value) => `${value} on`)).toBe('later on')
  })

  it('throws at once what is thrown at once, and rejects otherwise', async () => {
    expect(() => soon('here', refuse)).toThrow('no')
    await expect(soon(Promise.resolve('later'), refuse)).rejects.toThrow('no')
    await expect(soon(Promise.reject(new Error('gone')), () => 'never')).rejects.toThrow('gone')
  })
})

describe('telling', () => {
  it.each<[string, () => Soon<string>]>([
    ['at once', refuse],
    ['later', () => Promise.reject(new Error('no'))],
  ])('tells once of what is thrown %s, and throws it on', async (_when, work) => {
    const onError = vi.fn()
    await expect((async () => telling(onError, work))()).rejects.toThrow('no')
    expect(onError.mock.calls).toEqual([[new Error('no')]])
  })

  it('has nothing to tell of work that is done', async () => {
    const onError = vi.fn()
    expect(telling(onError, () => 'here')).toBe('here')
    expect(await telling(onError, () => Promise.resolve('later'))).toBe('later')
    expect(onError).not.toHaveBeenCalled()
  })
})
