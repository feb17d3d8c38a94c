import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import MintForm from '../../../../frontend/components/mint/MintForm.vue'
import { answerWith, type Answer } from '../../support/forge.ts'
import { createdToken, NOW, TARGETS } from '../../support/samples.ts'
import { descriptionOf, field, find, pageText } from '../../support/screen.ts'

const MINTED = { status: 201, body: createdToken() }
let wrapper: VueWrapper

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  const page = { components: { MintForm }, setup: () => ({ TARGETS }), template: '<MintForm :targets="TARGETS" />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page },
      { path: '/tokens', name: 'forge-pat-tokens', component: page },
    ],
  })
  await router.push('/')
  wrapper = mount({ template: '<RouterView />' }, { attachTo: document.body, global: { plugins: [router] } })
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function type(label: string | RegExp, text: string): Promise<void> {
  const input = field(label)
  input.value = text
  input.dispatchEvent(new Event('input'))
  await flushPromises()
}

async function click(role: 'button' | 'checkbox' | 'radio', name: string | RegExp): Promise<void> {
  find(role, name).click()
  await flushPromises()
}

const radio = (name: string) => find('radio', name) as HTMLInputElement
const answerMint = (answer: Answer) => answerWith({ 'POST /api/v1/tokens': answer })

describe('defaults', () => {
  it('asks for a read-only viewer for 30 days unless the person says otherwise', async () => {
    const calls = answerMint(MINTED)
    await type('Name', '  Claude Code ')
    await click('checkbox', /^packer/)
    await click('button', 'Mint token')

    expect(calls[0]?.body).toEqual({
      name: 'Claude Code',
      role: 'viewer',
      readOnly: true,
      grants: [{ type: 'instance', id: 'i1' }],
      expiresAt: '2026-12-23T09:00:00.000Z',
    })
    expect(wrapper.findComponent(MintForm).emitted('created')).toHaveLength(1)
  })
})

describe('the role', () => {
  it("cannot be above one's own, and the option says why", async () => {
    await click('checkbox', /^packer/)
    expect(radio('Owner').disabled).toBe(true)
    expect(descriptionOf(radio('Owner'))).toContain('You are Member there.')
    expect(radio('Member').disabled).toBe(false)
  })

  it('sinks to what the person is where the token shall reach', async () => {
    await click('checkbox', /^meter/)
    expect(radio('Dashboard').checked).toBe(true)
  })
})

describe('what is wrong', () => {
  it('is not said before the person asks for the token', () => {
    expect(pageText()).not.toContain('Enter a name')
  })

  it('is said at each field, the first of them gets the focus, and nothing is sent', async () => {
    const calls = answerMint(MINTED)
    await click('button', 'Mint token')

    expect(document.activeElement).toBe(field('Name'))
    expect(field('Name').getAttribute('aria-invalid')).toBe('true')
    expect(descriptionOf(field('Name'))).toContain('Enter a name by which you will know this token.')
    expect(pageText()).toContain('Choose at least one instance, application or team.')
    expect(calls).toEqual([])
  })

  it('goes away while it is put right', async () => {
    await click('button', 'Mint token')
    await type('Name', 'Nightly report')
    expect(pageText()).not.toContain('Enter a name')
  })

  it('is a day in the past', async () => {
    await click('radio', 'On a date')
    await type('Last day', '2026-11-22')
    await click('button', 'Mint token')
    expect(descriptionOf(find('radio', 'On a date').closest('fieldset') ?? document.body)).toContain(
      'Choose a day that is not over yet.',
    )
  })
})

describe('a refusal', () => {
  beforeEach(async () => {
    await type('Name', 'Nightly report')
    await click('checkbox', /^packer/)
    await click('radio', 'Member')
  })

  it('about one field is said there and gets the focus', async () => {
    answerMint({ status: 403, body: { code: 'role_too_high', error: 'Your role there is viewer.' } })
    await click('button', 'Mint token')
    expect(document.activeElement).toBe(radio('Member'))
    expect(pageText()).toContain('Your role there is viewer.')
  })

  it('about the whole is said in an alert', async () => {
    answerMint({ status: 503, body: { code: 'unavailable', error: 'Too much to do. Try again in a moment.' } })
    await click('button', 'Mint token')
    expect(find('alert', 'Too much to do. Try again in a moment.')).toBeDefined()
  })

  it('loses nothing that was typed, and sending it again works', async () => {
    answerMint({ status: 500, body: 'crash' })
    await click('button', 'Mint token')
    expect(field('Name').value).toBe('Nightly report')

    answerMint(MINTED)
    await click('button', 'Mint token')
    expect(wrapper.findComponent(MintForm).emitted('created')).toHaveLength(1)
  })

  it('does not come twice from a double click', async () => {
    const calls = answerMint(MINTED)
    find('button', 'Mint token').click()
    find('button', 'Mint token').click()
    await flushPromises()
    expect(calls).toHaveLength(1)
  })
})
