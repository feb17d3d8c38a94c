import { setImmediate as turn } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import type { Changes } from '../../../forge/changes/changes.ts'
import { createMemory } from '../../../forge/tokens/memory.ts'

/** Changes that say this when they are asked. */
const changesThat = (isCurrent: () => unknown) => ({ onChange: () => () => undefined, isCurrent }) as unknown as Changes

const CREDENTIAL = { secret: 'fft_something' }

describe('a look at what is held', () => {
  it('is there at once where nobody has to be asked, and the same one while nothing changes', () => {
    const changes = changesThat(() => true)
    const memory = createMemory({ changes, directory: { changes } })
    expect(memory.look()).not.toBeInstanceOf(Promise)
    expect(memory.look()).toBe(memory.look())
  })

  it('asks the host once its own database has answered, since what the host says may hold for a moment only', async () => {
    const asked: string[] = []
    const changes = changesThat(async () => {
      await turn()
      return asked.push('own') > 0
    })
    const host = changesThat(() => asked.push('host') > 0)
    await createMemory({ changes, directory: { changes: host } }).look()
    expect(asked).toEqual(['own', 'host'])
  })

  it.each([
    ['at once', () => false],
    ['later', async () => false],
    ['by a promise of its own kind', () => ({ then: (next: (held: boolean) => void) => next(false) })],
  ])('finds no caller when the host says %s that something may have changed', async (_how, isCurrent) => {
    let host = (): unknown => true
    const memory = createMemory({
      changes: changesThat(() => true),
      directory: { changes: changesThat(() => host()) },
    })
    ;(await memory.look()).keepCaller(CREDENTIAL, 'packer')
    expect((await memory.look()).caller(CREDENTIAL)).toBe('packer')

    host = isCurrent
    expect((await memory.look()).caller(CREDENTIAL)).toBeNull()
    host = () => true
    expect((await memory.look()).caller(CREDENTIAL)).toBe('packer')
  })
})
