import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { SeenSlip } from '../../../../forge/contract/slips.ts'
import FirstCall from '../../../../frontend/components/mint/FirstCall.vue'
import { answerWith, type Answer } from '../../support/forge.ts'
import { NOW, use } from '../../support/samples.ts'
import { find, has, pageText } from '../../support/screen.ts'

let wrapper: VueWrapper
let hidden = false

beforeEach(() => {
  hidden = false
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: NOW })
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const MINUTE_MS = 60_000
const unused: Answer = { body: { lastUse: null, slips: [] } }
const used: Answer = { body: { lastUse: use('2026-11-23T09:00:03.000Z', 'packer', 'claude-code 2.1'), slips: [] } }
const saw = (slip: SeenSlip['slip'], certain: boolean): SeenSlip => ({
  slip,
  certain,
  at: '2026-11-23T09:00:01.000Z',
  instance: { id: 'i1', name: 'packer' },
})

function open(answers: Record<string, Answer>) {
  const calls = answerWith(answers)
  wrapper = mount(FirstCall, { props: { tokenId: 'k1', client: 'claude-code' }, attachTo: document.body })
  return calls
}
const pass = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms)
}
/** Looks away, or back. */
async function look(away: boolean): Promise<void> {
  hidden = away
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.advanceTimersByTimeAsync(0)
}

describe('waiting', () => {
  it('says for whom, and asks at modest intervals that grow', async () => {
    const calls = open({ 'GET /api/v1/tokens/k1/first-call': unused })
    expect(pageText()).toContain('Waiting for the first call from Claude Code…')
    expect(calls).toHaveLength(0)
    await pass(MINUTE_MS)
    const first = calls.length
    expect(first).toBe(20)
    await pass(4 * MINUTE_MS)
    await pass(MINUTE_MS)
    const before = calls.length
    await pass(MINUTE_MS)
    expect(calls.length - before).toBe(4)
  })

  it('asks nothing while nobody looks, and at once when somebody comes back', async () => {
    const calls = open({ 'GET /api/v1/tokens/k1/first-call': unused })
    await look(true)
    expect(pageText()).toContain('Waiting is paused')
    await pass(5 * MINUTE_MS)
    expect(calls).toHaveLength(0)
    await look(false)
    expect(calls).toHaveLength(1)
  })

  it('goes on when the forge cannot answer, or the session has ended', async () => {
    const answers: Answer[] = [
      { status: 401, body: { code: 'unauthorized', error: 'Sign in.' } },
      { status: 503 },
      used,
    ]
    open({ 'GET /api/v1/tokens/k1/first-call': () => answers.shift() as { body: unknown } })
    await pass(9_100)
    expect(pageText()).toContain('claude-code 2.1 has called')
  })

  it('asks no more once the page is left', async () => {
    const calls = open({ 'GET /api/v1/tokens/k1/first-call': unused })
    await pass(3_000)
    wrapper.unmount()
    await pass(MINUTE_MS)
    expect(calls).toHaveLength(1)
  })
})

it('says which client called, where and when, and asks no more', async () => {
  const calls = open({ 'GET /api/v1/tokens/k1/first-call': used })
  await pass(3_000)
  expect(find('status', /claude-code 2\.1 has called/).textContent).toContain('At packer, ')
  await pass(MINUTE_MS)
  expect(calls).toHaveLength(1)
})

describe('a slip', () => {
  it.each([
    ['not_expanded', 'The placeholder was not expanded'],
    ['truncated', 'The token is cut off'],
    ['wrong_instance', 'It was taken to another instance'],
  ] as const)('is said by its name: %s', async (slip, title) => {
    open({ 'GET /api/v1/tokens/k1/first-call': { body: { lastUse: null, slips: [saw(slip, true)] } } })
    await pass(3_000)
    expect(find('status', new RegExp(title)).textContent).toContain('At packer, ')
    expect(pageText()).not.toContain('Nobody can tell')
  })

  it('that may be another one’s is said to be so, and is forgotten once the call has come', async () => {
    const answers: Answer[] = [{ body: { lastUse: null, slips: [saw('not_expanded', false)] } }, used]
    open({ 'GET /api/v1/tokens/k1/first-call': () => answers.shift() as { body: unknown } })
    await pass(3_000)
    expect(pageText()).toContain('Nobody can tell whether it was meant to be this token.')
    await pass(3_000)
    expect(pageText()).not.toContain('not expanded')
    expect(pageText()).toContain('has called')
  })
})

describe('after ten minutes', () => {
  it('says what it usually is, and not before', async () => {
    open({ 'GET /api/v1/tokens/k1/first-call': unused })
    await pass(10 * MINUTE_MS - 20_000)
    expect(has('button', 'Discard this token')).toBe(false)
    await pass(40_000)
    for (const words of ['placeholder was not expanded', 'cut off', 'another instance']) {
      expect(pageText()).toContain(words)
    }
  })

  it('discards the token by one click', async () => {
    const calls = open({ 'GET /api/v1/tokens/k1/first-call': unused, 'DELETE /api/v1/tokens/k1': { status: 204 } })
    await pass(11 * MINUTE_MS)
    find('button', 'Discard this token').click()
    await vi.advanceTimersByTimeAsync(0)
    await flushPromises()
    expect(calls.at(-1)?.method).toBe('DELETE')
    expect(wrapper.emitted('discarded')).toHaveLength(1)
  })
})
