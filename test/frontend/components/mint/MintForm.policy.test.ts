import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import { DEFAULT_POLICY, type TokenPolicy } from '../../../../forge/contract/policy.ts'
import MintForm from '../../../../frontend/components/mint/MintForm.vue'
import { answerWith, type Call } from '../../support/forge.ts'
import { createdToken, NOW, TARGETS } from '../../support/samples.ts'
import { descriptionOf, field, find, has, pageText } from '../../support/screen.ts'

const PREVIEW = 'POST /api/v1/tokens/preview'
let wrapper: VueWrapper

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'], now: NOW })
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function open(changes: Partial<TokenPolicy>): Promise<void> {
  const targets = {
    teams: TARGETS.teams.map((team) =>
      team.id === 't1' ? { ...team, policy: { ...DEFAULT_POLICY, ...changes } } : team,
    ),
  }
  const page = { components: { MintForm }, setup: () => ({ targets }), template: '<MintForm :targets="targets" />' }
  const routes = [
    { path: '/', component: page },
    { path: '/tokens', name: 'forge-pat-tokens', component: page },
  ]
  const router = createRouter({ history: createMemoryHistory(), routes })
  await router.push('/')
  wrapper = mount({ template: '<RouterView />' }, { attachTo: document.body, global: { plugins: [router] } })
}

const click = async (role: 'button' | 'checkbox' | 'radio', name: string | RegExp) => {
  find(role, name).click()
  await flushPromises()
}
const input = (role: 'checkbox' | 'radio', name: string | RegExp) => find(role, name) as HTMLInputElement
const mints = (calls: Call[]) => calls.filter(({ path }) => path === '/api/v1/tokens')

it('keeps what a team does not allow out of reach, with the reason', async () => {
  await open({ grantTypes: ['instance'] })
  expect(input('checkbox', /^All of Packaging/).disabled).toBe(true)
  expect(descriptionOf(find('checkbox', /^All of Packaging/))).toContain(
    'does not allow tokens for whole applications.',
  )
  expect(input('checkbox', /^packer/).disabled).toBe(false)
})

it('marks production', async () => {
  await open({})
  expect(find('checkbox', /^meter/).closest('li')?.textContent).toContain('Production')
  expect(find('checkbox', /^packer/).closest('li')?.textContent).not.toContain('Production')
})

it('turns to the longest life that the team leaves, and offers it', async () => {
  await open({ maxLifetimeDays: 14 })
  await click('checkbox', /^packer/)
  expect(input('radio', '14 days').checked).toBe(true)
  expect(input('radio', '30 days').disabled).toBe(true)
  expect(pageText()).toContain('Line 4 ends tokens after 14 days.')
})

it('offers a life without an end only where the team allows it', async () => {
  await open({ allowNoExpiry: true })
  expect(has('radio', 'Never')).toBe(false)
  const calls = answerWith({ 'POST /api/v1/tokens': { status: 201, body: createdToken() } })
  await click('checkbox', /^packer/)
  await click('radio', 'Never')
  field('Name').value = 'For ever'
  field('Name').dispatchEvent(new Event('input'))
  await click('button', 'Mint token')
  expect(mints(calls)[0]?.body).toMatchObject({ expiresAt: null })
})

it('keeps a token read-only where the team wants it', async () => {
  await open({ readOnlyOnly: true })
  await click('checkbox', 'Read-only')
  await click('checkbox', /^packer/)
  expect([input('checkbox', 'Read-only').checked, input('checkbox', 'Read-only').disabled]).toEqual([true, true])
  expect(pageText()).toContain('Line 4 allows read-only tokens alone.')
})

it('wants a reason where an owner must approve', async () => {
  await open({ productionNeedsApproval: true })
  await click('checkbox', /^meter/)
  expect(pageText()).toContain('Works on production once an owner of Line 4 approves it.')

  const calls = answerWith({})
  field('Name').value = 'Meter'
  field('Name').dispatchEvent(new Event('input'))
  await click('button', 'Mint token')
  expect(document.activeElement).toBe(field('Why it is needed on production'))
  expect(mints(calls)).toEqual([])
})

it('asks the forge what it will be worth once the person pauses, and shows the answer', async () => {
  const instance = { id: 'i1', name: 'packer' }
  const worth = { role: 'viewer', readOnly: true, mcpOnly: false, summary: 'It works there.', rules: [] }
  const refusal = { code: 'policy_refused', error: 'The policy of Line 4 refuses this.' }
  const calls = answerWith({
    [PREVIEW]: {
      body: {
        refusal,
        approvals: [],
        instances: [{ instance, allowed: true, ...worth }],
        tools: { count: 0, tools: [] },
      },
    },
  })
  await open({})
  await click('checkbox', /^packer/)
  await click('checkbox', /^labeller/)
  expect(calls).toEqual([])

  await vi.advanceTimersByTimeAsync(500)
  await flushPromises()
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([PREVIEW])
  expect(pageText()).toContain('Viewer, read-only')
  expect(find('status', 'The policy of Line 4 refuses this.')).toBeDefined()
})
