import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import type { TokenTool } from '../../../../forge/contract/tool-registry.ts'
import MintForm from '../../../../frontend/components/mint/MintForm.vue'
import { answerWith, type Call } from '../../support/forge.ts'
import { createdToken, NOW, TARGETS, tokenTool } from '../../support/samples.ts'
import { descriptionOf, field, find, has, pageText } from '../../support/screen.ts'

const PURGE = tokenTool({
  name: 'purge_buffer',
  title: null,
  writes: true,
  allowed: false,
  reason: 'The tool purge_buffer needs the role owner; this token counts as viewer here.',
})
let wrapper: VueWrapper
let calls: Call[]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'], now: NOW })
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function open(tools: TokenTool[], count = tools.length): Promise<void> {
  calls = answerWith({
    'POST /api/v1/tokens/preview': {
      body: { refusal: null, approvals: [], instances: [], tools: { count, tools } },
    },
    'POST /api/v1/tokens': { status: 201, body: createdToken() },
  })
  const page = { components: { MintForm }, setup: () => ({ TARGETS }), template: '<MintForm :targets="TARGETS" />' }
  const routes = [
    { path: '/', component: page },
    { path: '/tokens', name: 'forge-pat-tokens', component: page },
  ]
  const router = createRouter({ history: createMemoryHistory(), routes })
  await router.push('/')
  wrapper = mount({ template: '<RouterView />' }, { attachTo: document.body, global: { plugins: [router] } })
  await type('Name', 'Nightly report')
}

const click = async (role: 'button' | 'checkbox', name: string | RegExp) => {
  find(role, name).click()
  await flushPromises()
}
async function type(label: string, text: string): Promise<void> {
  field(label).value = text
  field(label).dispatchEvent(new Event('input'))
  await flushPromises()
}
/** The forge is asked once the person pauses. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(500)
  await flushPromises()
}
async function limit(): Promise<void> {
  await click('checkbox', /^packer/)
  await click('checkbox', 'Limit to certain tools')
  await settle()
}
const bodiesOf = (path: string) => calls.filter((call) => call.path === path).map(({ body }) => body)

describe('a list of tools', () => {
  it('is not asked for unless the person wants one', async () => {
    await open([tokenTool()])
    await click('checkbox', /^packer/)
    await settle()
    expect(has('field', 'Search tools')).toBe(false)
    await click('button', 'Mint token')
    expect(bodiesOf('/api/v1/tokens')[0]).not.toHaveProperty('tools')
  })

  it('is chosen from what the chosen instances offer, and minted', async () => {
    await open([tokenTool(), PURGE])
    await limit()
    expect(descriptionOf(find('checkbox', 'purge_buffer'))).toBe('Writes. packer')
    await click('checkbox', 'read_metrics')
    expect(find('status', '1 chosen')).toBeDefined()

    await click('button', 'Mint token')
    expect(bodiesOf('/api/v1/tokens')[0]).toMatchObject({ tools: ['read_metrics'] })
  })

  it('is asked about before it is minted', async () => {
    await open([tokenTool()])
    await limit()
    await click('checkbox', 'read_metrics')
    await settle()
    expect(bodiesOf('/api/v1/tokens/preview').at(-1)).toMatchObject({ tools: ['read_metrics'] })
  })

  it('is searched', async () => {
    await open([tokenTool(), PURGE])
    await limit()
    await type('Search tools', 'metrics')
    expect(find('status', '1 shown, 0 chosen')).toBeDefined()
    expect(has('checkbox', 'purge_buffer')).toBe(false)
    await type('Search tools', 'nonsense')
    expect(pageText()).toContain('No tool is called “nonsense”.')
  })

  it('that names nothing is wrong, and the search gets the focus', async () => {
    await open([tokenTool()])
    await limit()
    await click('button', 'Mint token')
    expect(pageText()).toContain('Choose at least one tool, or switch the limit off.')
    expect(document.activeElement).toBe(field('Search tools'))
    expect(descriptionOf(field('Search tools'))).toContain('Choose at least one tool')
    expect(bodiesOf('/api/v1/tokens')).toEqual([])
  })

  it('says what is missing where there is nothing to choose from', async () => {
    await open([])
    await click('checkbox', 'Limit to certain tools')
    expect(pageText()).toContain('Choose what it may reach first.')
    await click('checkbox', /^packer/)
    await settle()
    expect(pageText()).toContain('The chosen instances have not reported any tools yet.')
  })

  it('says that there are more than can be listed', async () => {
    await open([tokenTool()], 900)
    await limit()
    expect(pageText()).toContain('The forge lists 1 tools at most')
  })
})

it('reviews what can be called and what not, and says why', async () => {
  await open([tokenTool(), PURGE])
  await click('checkbox', /^packer/)
  await settle()
  expect(pageText()).toContain('Can call 1 toolread_metrics')
  expect(pageText()).toContain('Can’t call 1 toolpurge_buffer')
  expect(pageText()).toContain('needs the role owner; this token counts as viewer here.')
})
