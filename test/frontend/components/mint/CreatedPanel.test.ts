import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router'

import CreatedPanel from '../../../../frontend/components/mint/CreatedPanel.vue'
import { createdToken, SECRET } from '../../support/samples.ts'
import { field, find, has, pageText } from '../../support/screen.ts'

let router: Router
let wrapper: VueWrapper

beforeEach(async () => {
  const instances = [
    { name: 'packer', url: 'https://packer.example.com' },
    { name: 'labeller', url: 'https://labeller.example.com' },
  ]
  const empty = { template: '<p>elsewhere</p>' }
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/new', component: CreatedPanel, props: { created: createdToken(), instances } },
      { path: '/settings/tokens', name: 'forge-pat-tokens', component: empty },
      { path: '/teams', component: empty },
    ],
  })
  await router.push('/new')
  wrapper = mount(RouterView, { attachTo: document.body, global: { plugins: [router] } })
  await flushPromises()
})

afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

const stubClipboard = (writeText: (text: string) => Promise<void>) =>
  vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } })

async function click(element: HTMLElement): Promise<void> {
  element.click()
  await flushPromises()
}

describe('the token', () => {
  it('stands in a field that can be read and not changed', () => {
    expect(field('Your token').value).toBe(SECRET)
    expect(field('Your token').readOnly).toBe(true)
    expect(field('Your token').getAttribute('autocomplete')).toBe('off')
  })

  it('is copied, and a region that was there before says so', async () => {
    const written: string[] = []
    stubClipboard(async (text) => void written.push(text))
    const announcer = document.getElementById('created-token-copy-state')
    expect(announcer?.getAttribute('role')).toBe('status')

    await click(find('button', 'Copy token'))
    expect(written).toEqual([SECRET])
    expect(announcer?.textContent).toBe('Copied to the clipboard.')
  })

  it('is said to be copied only once it is', async () => {
    let allow = () => {}
    stubClipboard(() => new Promise((resolve) => (allow = resolve)))
    await click(find('button', 'Copy token'))
    expect(pageText()).not.toContain('Copied')

    allow()
    await flushPromises()
    expect(pageText()).toContain('Copied to the clipboard.')
  })

  it('is selected where copying is not allowed', async () => {
    stubClipboard(() => Promise.reject(new Error('NotAllowedError')))
    await click(find('button', 'Copy token'))

    const shown = field('Your token')
    expect(document.activeElement).toBe(shown)
    expect([shown.selectionStart, shown.selectionEnd]).toEqual([0, SECRET.length])
    expect(pageText()).toContain('press Ctrl+C, or ⌘C on a Mac')
  })

  it('is in none of the configs', () => {
    const texts = [...document.querySelectorAll('textarea')].map((config) => config.value)
    expect(texts.length).toBeGreaterThan(0)
    expect(texts.join()).not.toContain(SECRET)
  })
})

describe('leaving', () => {
  it('is asked about, and staying keeps the token', async () => {
    await router.push('/teams')
    await flushPromises()
    expect(has('dialog', 'Have you stored the token?')).toBe(true)

    await click(find('button', 'Go back to it'))
    expect(router.currentRoute.value.path).toBe('/new')
    expect(field('Your token').value).toBe(SECRET)
  })

  it('goes on to where the person wanted to go', async () => {
    await router.push('/teams')
    await flushPromises()
    await click(find('button', 'Yes, leave this page'))
    expect(router.currentRoute.value.path).toBe('/teams')
  })

  it('is not asked about once the token is stored', async () => {
    await click(find('button', 'I have stored it'))
    expect(router.currentRoute.value.path).toBe('/settings/tokens')
    expect(document.body.innerHTML).not.toContain(SECRET)
  })

  it('is warned of by the browser when the tab is closed', () => {
    const event = new Event('beforeunload', { cancelable: true })
    window.dispatchEvent(event)
    expect(event.defaultPrevented).toBe(true)
  })

  it('wipes the token when the page is put aside for "back"', async () => {
    const shown = field('Your token')
    window.dispatchEvent(new Event('pagehide'))
    await flushPromises()
    expect(shown.value).toBe('')
  })
})

it('narrows the configs to one instance, at the path where its flow serves MCP', async () => {
  const select = find('field', 'Instance')
  if (!(select instanceof HTMLSelectElement)) throw new Error('no select')
  select.value = '1'
  select.dispatchEvent(new Event('change'))
  const path = field(/^MCP path/)
  path.value = 'tools/mcp'
  path.dispatchEvent(new Event('input'))
  await flushPromises()

  expect(JSON.parse(field('Put this into .mcp.json').value).mcpServers).toEqual({
    labeller: expect.objectContaining({ url: 'https://labeller.example.com/tools/mcp' }),
  })
})
