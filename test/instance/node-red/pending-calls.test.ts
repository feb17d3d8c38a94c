import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { InstanceRequest } from '../../../instance/connect.ts'
import { createPendingCalls } from '../../../instance/node-red/pending-calls.ts'

const DONE = { content: [{ type: 'text' as const, text: 'done' }] }
const never = () => new AbortController().signal
const request = {} as InstanceRequest

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a pending call', () => {
  it('ends with the first answer, and later ones find nobody waiting', async () => {
    const calls = createPendingCalls()
    const { id, result } = calls.open('tool', { request, timeoutMs: 1_000, signal: never() })

    expect(calls.answer(id, DONE)).toBe(true)
    expect(calls.answer(id, { content: [] })).toBe(false)
    expect(await result).toEqual(DONE)
  })

  it('ends with an error when the flow takes too long', async () => {
    const calls = createPendingCalls()
    const { id, result } = calls.open('tool', { request, timeoutMs: 2_000, signal: never() })

    await vi.advanceTimersByTimeAsync(2_000)

    expect(await result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/did not answer within 2 seconds/) as string }],
    })
    expect(calls.answer(id, DONE)).toBe(false)
  })

  it('ends with what the flow answers although the caller has gone', async () => {
    const calls = createPendingCalls()
    const controller = new AbortController()
    const { id, result } = calls.open('tool', { request, timeoutMs: 1_000, signal: controller.signal })

    controller.abort()

    expect(calls.requestOf(id)).toBeNull()
    expect(calls.answer(id, DONE)).toBe(true)
    expect(await result).toEqual(DONE)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends when its tool goes away, and those of other tools do not', async () => {
    const calls = createPendingCalls()
    const gone = calls.open('gone', { request, timeoutMs: 1_000, signal: never() })
    const other = calls.open('other', { request, timeoutMs: 1_000, signal: never() })

    calls.closeAllOf('gone')

    expect(await gone.result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/was changed or stopped/) as string }],
    })
    expect(calls.answer(other.id, DONE)).toBe(true)
  })

  it('is not opened beyond a thousand', async () => {
    const calls = createPendingCalls()
    for (let i = 0; i < 1_000; i++) calls.open('tool', { request, timeoutMs: 1_000, signal: never() })

    const { result } = calls.open('tool', { request, timeoutMs: 1_000, signal: never() })

    expect(await result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/too many calls/) as string }],
    })
  })

  it('takes the place of one whose caller has gone when there are a thousand', async () => {
    const calls = createPendingCalls()
    const controller = new AbortController()
    const abandoned = calls.open('tool', { request, timeoutMs: 1_000, signal: controller.signal })
    for (let i = 1; i < 1_000; i++) calls.open('tool', { request, timeoutMs: 1_000, signal: never() })
    controller.abort()

    const { id } = calls.open('tool', { request, timeoutMs: 1_000, signal: never() })

    expect(await abandoned.result).toMatchObject({ isError: true })
    expect(calls.answer(id, DONE)).toBe(true)
  })
})
