import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Token } from '../../../forge/contract/token.ts'
import EditPage from '../../../frontend/pages/EditPage.vue'
import { answerWith, type Call } from '../support/forge.ts'
import { createTestRouter } from '../support/router.ts'
import { NOW, TARGETS, token, tokenTool } from '../support/samples.ts'
import { field, find, has, pageText } from '../support/screen.ts'

const TOOLS = {
  count: 3,
  tools: [tokenTool(), tokenTool({ name: 'set_speed' }), tokenTool({ name: 'purge_buffer' })],
}
const USED = {
  ...{ calls: 7, instances: 1, tools: 2, clients: 1, networks: 1 },
  shrink: { tools: ['read_metrics', 'set_speed'], readOnly: true },
}
let wrapper: VueWrapper
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function open(changes: Partial<Token>): Promise<Call[]> {
  const calls = answerWith({
    'GET /api/v1/tokens/k1': { body: token(changes) },
    'GET /api/v1/tokens/targets': { body: TARGETS },
    'PATCH /api/v1/tokens/k1': { body: token(changes) },
    'GET /api/v1/tokens/k1/tools': { body: TOOLS },
    'GET /api/v1/tokens/k1/used': { body: USED },
    'POST /api/v1/tokens/preview': { body: { refusal: null, approvals: [], instances: [], tools: TOOLS } },
  })
  const router = createTestRouter()
  wrapper = mount(EditPage, { props: { id: 'k1' }, attachTo: document.body, global: { plugins: [router] } })
  await flushPromises()
  return calls
}

const click = async (role: 'button' | 'checkbox' | 'radio', name: string | RegExp) => {
  find(role, name).click()
  await flushPromises()
}
const patch = (calls: Call[]) => calls.find(({ method }) => method === 'PATCH')?.body

it('says which changes are less, and sends them alone', async () => {
  const calls = await open({ role: 'member' })
  expect(pageText()).toContain('What changesNothing yet.')
  await click('radio', 'Viewer')
  expect(pageText()).toContain('Less power is free, and counts at the next use.')
  await click('button', 'Save changes')
  expect(patch(calls)).toEqual({ role: 'viewer' })
})

it('says that more is like minting', async () => {
  await open({})
  await click('checkbox', 'Read-only')
  expect(find('status', /More power is like minting/)).toBeDefined()
})

it('sends nothing while something is wrong, and puts the focus there', async () => {
  const calls = await open({})
  field('Name').value = ''
  field('Name').dispatchEvent(new Event('input'))
  await click('button', 'Save changes')
  expect(document.activeElement).toBe(field('Name'))
  expect(patch(calls)).toBeUndefined()
})

it('offers no form for a token that has ended', async () => {
  await open({ state: 'expired' })
  expect(has('heading', 'This token has ended')).toBe(true)
  expect(has('button', 'Save changes')).toBe(false)
})

it('narrows to the tools that the token used, by one click', async () => {
  const calls = await open({})
  await click('button', 'Only the 2 tools that it used')
  expect(pageText()).toContain('May call read_metrics, set_speed and no other tool.')
  expect(has('button', 'Only the 2 tools that it used')).toBe(false)
  await click('button', 'Save changes')
  expect(patch(calls)).toEqual({ tools: ['read_metrics', 'set_speed'] })
})

it('lets a token that may call no tool be renamed', async () => {
  const calls = await open({ tools: [] })
  field('Name').value = 'Nightly'
  field('Name').dispatchEvent(new Event('input'))
  await click('button', 'Save changes')
  expect(patch(calls)).toEqual({ name: 'Nightly' })
})
