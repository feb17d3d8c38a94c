import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import type { Token } from '../../../forge/contract/token.ts'
import TokensPage from '../../../frontend/pages/TokensPage.vue'
import { answerWith, type Answer } from '../support/forge.ts'
import { NOW, token } from '../support/samples.ts'
import { find, has } from '../support/screen.ts'

let wrapper: VueWrapper

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function open(): void {
  const empty = { template: '<p></p>' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: empty },
      { path: '/new', name: 'mint', component: empty },
    ],
  })
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
