import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Token } from '../../../forge/contract/token.ts'
import TokensPage from '../../../frontend/pages/TokensPage.vue'
import { answerWith, type Answer } from '../support/forge.ts'
import { NOW, token, use } from '../support/samples.ts'
import { createTestRouter } from '../support/router.ts'
import { find, has, pageText } from '../support/screen.ts'

let wrapper: VueWrapper

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const router = createTestRouter()

function open(): void {
  wrapper = mount(TokensPage, { attachTo: document.body, global: { plugins: [router] } })
}

const page = (tokens: Token[], next?: string): Answer => ({
  body: { meta: next ? { next_cursor: next } : {}, count: tokens.length, tokens },
})
const click = async (name: string) => {
  find('button', name).click()
  await flushPromises()
}

describe('states', () => {
  it('says that it is loading', () => {
    answerWith({ 'GET /api/v1/tokens': page([]) })
    open()
    expect(find('status', 'Loading your tokens…').nextElementSibling?.getAttribute('aria-busy')).toBe('true')
  })

  it('says what is wrong and tries again', async () => {
    answerWith({
      'GET /api/v1/tokens': { status: 503, body: { code: 'unavailable', error: 'Try again in a moment.' } },
    })
    open()
    await flushPromises()
    expect(find('alert', /Try again in a moment\./)).toBeDefined()

    answerWith({ 'GET /api/v1/tokens': page([token()]) })
    await click('Try again')
    expect(has('article', 'Claude Code')).toBe(true)
  })

  it('says what tokens are for when there is none', async () => {
    answerWith({ 'GET /api/v1/tokens': page([]) })
    open()
    await flushPromises()
    expect(has('heading', 'You have no access tokens yet')).toBe(true)
    expect(has('link', 'Mint your first token')).toBe(true)
  })

  it('lists the active ones first and the ended ones on demand', async () => {
    answerWith({ 'GET /api/v1/tokens': page([token(), token({ id: 'k2', name: 'Old laptop', state: 'revoked' })]) })
    open()
    await flushPromises()
    expect([has('article', 'Claude Code'), has('article', 'Old laptop')]).toEqual([true, false])

    find('radio', 'Ended 1').click()
    await flushPromises()
    expect([has('article', 'Claude Code'), has('article', 'Old laptop')]).toEqual([false, true])
  })

  it('reads a long list to its end', async () => {
    const pages = [page([token()], 'more'), page([token({ id: 'k2', name: 'Second page' })])]
    answerWith({ 'GET /api/v1/tokens': () => pages.shift() as { body: unknown } })
    open()
    await flushPromises()
    expect([has('article', 'Claude Code'), has('article', 'Second page')]).toEqual([true, true])
  })
})

describe('revoking', () => {
  const used = token({
    grants: [
      { type: 'application', id: 'a1', name: 'Packaging' },
      { type: 'instance', id: 'i3', name: 'meter' },
    ],
    lastUse: { at: '2026-11-23T07:00:00.000Z', instanceId: 'i3', instanceName: 'meter', client: null, address: null },
  })

  async function openDialog(answers: Record<string, Answer>) {
    const calls = answerWith({ 'GET /api/v1/tokens': page([used]), ...answers })
    open()
    await flushPromises()
    await click('Revoke Claude Code')
    return calls
  }

  it('asks first, and says what stops working and when it was used last', async () => {
    const calls = await openDialog({})
    const dialog = find('dialog', 'Revoke “Claude Code”?').textContent
    for (const words of ['All of Packaging', 'meter', 'It was last used 2 hours ago at meter']) {
      expect(dialog).toContain(words)
    }
    expect(calls.map(({ method }) => method)).toEqual(['GET'])
  })

  it('reads the list again afterwards', async () => {
    const calls = await openDialog({ 'DELETE /api/v1/tokens/k1': { status: 204 } })
    await click('Revoke token')
    expect(calls.map(({ method }) => method)).toEqual(['GET', 'DELETE', 'GET'])
    expect(has('dialog', /Revoke/)).toBe(false)
  })

  it('stays open with the reason when it is refused', async () => {
    await openDialog({
      'DELETE /api/v1/tokens/k1': { status: 500, body: { code: 'unexpected_error', error: 'Not now.' } },
    })
    await click('Revoke token')
    expect(find('dialog', 'Revoke “Claude Code”?').textContent).toContain('Not now.')
  })
})

describe('a token that is being replaced', () => {
  const old = token({
    state: 'retiring',
    rotation: { replaces: null, replacedBy: 'k2', retiresAt: '2026-11-23T09:15:00.000Z', retiresOnFirstUse: true },
    lastUse: use('2026-11-23T08:00:00.000Z', 'meter', 'claude-code 2.1'),
  })
  const successor = token({
    id: 'k2',
    selector: 'NEWnewNEWnew',
    rotation: { ...token().rotation, replaces: 'k1' },
    lastUse: use('2026-11-23T07:00:00.000Z', 'packer', 'cursor'),
  })

  it('says until when it works, which of the two was used last, and leads to the new one', async () => {
    answerWith({ 'GET /api/v1/tokens': page([successor, old]) })
    open()
    await flushPromises()
    expect(pageText()).toContain('until the new one is first used, at the latest until')
    expect(pageText()).toContain('Used last: the old one, 1 hour ago')
    expect(pageText()).toContain('at meter by claude-code 2.1')
    expect(find('link', 'Go to the new one, NEWnewNEWnew').getAttribute('href')).toContain('#token-k2')
  })

  it('can be told from the new one by the names of its buttons', async () => {
    answerWith({ 'GET /api/v1/tokens': page([successor, old]) })
    open()
    await flushPromises()
    expect([has('button', 'Revoke Claude Code'), has('button', 'Revoke Claude Code (old)')]).toEqual([true, true])
  })

  it('ends at once when its owner says so twice', async () => {
    const calls = answerWith({
      'GET /api/v1/tokens': page([successor, old]),
      'POST /api/v1/tokens/k1/end-grace': { status: 204 },
    })
    open()
    await flushPromises()
    await click('End it now: Claude Code (old)')
    expect(calls.map(({ method }) => method)).toEqual(['GET'])
    await click('End it now')
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v1/tokens',
      'POST /api/v1/tokens/k1/end-grace',
      'GET /api/v1/tokens',
    ])
  })
})

describe('an alarm', () => {
  const retired = token({
    state: 'retired',
    rotation: { replaces: null, replacedBy: 'k2', retiresAt: '2026-11-22T09:00:00.000Z', retiresOnFirstUse: false },
    alarm: use('2026-11-23T08:00:00.000Z', 'meter', 'curl/8'),
  })

  async function openWith(answers: Record<string, Answer>) {
    const calls = answerWith({ 'GET /api/v1/tokens': page([retired]), ...answers })
    open()
    await flushPromises()
    return calls
  }

  it('is told with time, instance and client, though its token is among the ended', async () => {
    await openWith({})
    expect(has('article', /Claude Code/)).toBe(false)
    const alarm = find('heading', 'The replaced token “Claude Code” was used after its end').parentElement?.textContent
    for (const words of ['1 hour ago', 'meter', 'curl/8']) expect(alarm).toContain(words)
  })

  it('is settled by one click', async () => {
    const calls = await openWith({ 'POST /api/v1/tokens/k1/dismiss-alarm': { status: 204 } })
    await click('It was me: Claude Code')
    expect(calls.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET'])
  })

  it('asks before it revokes the family', async () => {
    const calls = await openWith({ 'POST /api/v1/tokens/k1/revoke-family': { status: 204 } })
    await click('Revoke the whole family: Claude Code')
    expect(calls.map(({ method }) => method)).toEqual(['GET'])
    expect(has('dialog', 'Revoke the whole family of “Claude Code”?')).toBe(true)
    await click('Revoke the whole family')
    expect(calls.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET'])
  })
})
