import { describe, expect, it, vi } from 'vitest'

import { createHeldTokens } from '../../../forge/tokens/held-tokens.ts'
import { createProofs } from '../../../forge/tokens/proofs.ts'

const claim = { id: 'a', secretHash: 'hash-of-a' }
const limits = { concurrency: 2, maxWaiting: 3 }

/** A proof that ends when the test says so. */
function pendingProof() {
  let finish: (proved: boolean) => void = () => undefined
  const prove = vi.fn(() => new Promise<boolean>((resolve) => (finish = resolve)))
  return { prove, finish: (proved: boolean) => finish(proved) }
}

describe('createProofs', () => {
  it('proves once and then remembers', async () => {
    const proofs = createProofs(createHeldTokens(), limits)
    const prove = vi.fn(async () => true)

    expect(await proofs.holds('text', claim, prove)).toBe(true)
    expect(await proofs.holds('text', claim, prove)).toBe(true)
    expect(prove).toHaveBeenCalledTimes(1)
  })

  it('believes a proof that it is told of', async () => {
    const heldTokens = createHeldTokens()
    const proofs = createProofs(heldTokens, limits)
    heldTokens.prove('text', claim)

    expect(await proofs.holds('text', claim, () => Promise.reject(new Error('asked again')))).toBe(true)
  })

  it('never remembers a refusal', async () => {
    const proofs = createProofs(createHeldTokens(), limits)
    const prove = vi.fn(async () => false)

    expect(await proofs.holds('text', claim, prove)).toBe(false)
    expect(await proofs.holds('text', claim, prove)).toBe(false)
    expect(prove).toHaveBeenCalledTimes(2)
  })

  it('proves again when the row holds another hash', async () => {
    const proofs = createProofs(createHeldTokens(), limits)
    await proofs.holds('text', claim, async () => true)

    const prove = vi.fn(async () => false)
    expect(await proofs.holds('text', { ...claim, secretHash: 'other' }, prove)).toBe(false)
    expect(prove).toHaveBeenCalledTimes(1)
  })

  it('runs one proof for 200 simultaneous first uses of one token', async () => {
    const proofs = createProofs(createHeldTokens(), limits)
    const { prove, finish } = pendingProof()

    const all = Promise.all(Array.from({ length: 200 }, () => proofs.holds('text', claim, prove)))
    finish(true)

    expect(await all).toEqual(Array.from({ length: 200 }, () => true))
    expect(prove).toHaveBeenCalledTimes(1)
  })

  it('does not let one presented text ride on the proof of another', async () => {
    const proofs = createProofs(createHeldTokens(), limits)
    const right = pendingProof()
    const first = proofs.holds('right', claim, right.prove)
    const second = proofs.holds('wrong', claim, async () => false)
    right.finish(true)

    expect(await first).toBe(true)
    expect(await second).toBe(false)
  })

  it('answers unavailable with a time to retry when too many wait', async () => {
    const proofs = createProofs(createHeldTokens(), limits)
    const running = Array.from({ length: 5 }, () => pendingProof())
    const answers = running.map(({ prove }, i) => proofs.holds(`text ${i}`, claim, prove))

    await expect(proofs.holds('one too many', claim, async () => true)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 1,
    })

    for (const [i, { finish }] of running.entries()) {
      finish(true)
      expect(await answers[i]).toBe(true)
    }
  })

  it('runs no more than its concurrency at once', async () => {
    const proofs = createProofs(createHeldTokens(), limits)
    const running = Array.from({ length: 4 }, () => pendingProof())
    const answers = running.map(({ prove }, i) => proofs.holds(`text ${i}`, claim, prove))

    expect(running.map(({ prove }) => prove.mock.calls.length)).toEqual([1, 1, 0, 0])
    running[0]?.finish(true)
    await answers[0]
    expect(running.map(({ prove }) => prove.mock.calls.length)).toEqual([1, 1, 1, 0])

    for (const { finish } of running) finish(true)
    await answers[2]
    running[3]?.finish(true)
    expect(await Promise.all(answers)).toEqual([true, true, true, true])
  })

  it('frees its place after a proof that failed', async () => {
    const proofs = createProofs(createHeldTokens(), { ...limits, concurrency: 1 })
    await expect(proofs.holds('text', claim, () => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory')
    expect(await proofs.holds('text', claim, async () => true)).toBe(true)
  })
})
