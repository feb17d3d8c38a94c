import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import SessionEndedDialog from '../../../frontend/components/SessionEndedDialog.vue'
import { useSession } from '../../../frontend/composables/useSession.ts'
import EditPage from '../../../frontend/pages/EditPage.vue'
import MintPage from '../../../frontend/pages/MintPage.vue'
import { answerWith } from '../support/forge.ts'
import { createTestRouter } from '../support/router.ts'
import { NOW, TARGETS, token } from '../support/samples.ts'
import { field, find, has, pageText } from '../support/screen.ts'

const PROVIDER = { id: 'p1', name: 'Acme' }
const HOUR_MS = 3_600_000
let wrappers: VueWrapper[] = []

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterEach(() => {
  leave()
  sessionStorage.clear()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function leave(): void {
  for (const wrapper of wrappers) wrapper.unmount()
  wrappers = []
}

/** Opens a page as somebody who came through an identity provider. @param tokenId of the token to edit */
async function open(userId = 'u1', tokenId: string | null = null): Promise<void> {
  answerWith({
    'GET /api/v1/user': { body: { id: userId, username: 'alice', name: 'Alice', admin: false, provider: PROVIDER } },
    'GET /api/v1/tokens/targets': { body: TARGETS },
    'POST /api/v1/tokens': { status: 401, body: { code: 'unauthorized', error: 'Sign in first.' } },
    'POST /api/v1/tokens/preview': { status: 503 },
    ...Object.fromEntries(['k1', 'k2'].flatMap(answersAbout)),
  })
  await useSession().load()
  const options = { attachTo: document.body, global: { plugins: [createTestRouter()] } }
  const page = tokenId === null ? mount(MintPage, options) : mount(EditPage, { ...options, props: { id: tokenId } })
  wrappers = [page, mount(SessionEndedDialog, options)]
  await flushPromises()
}

const answersAbout = (id: string) => [
  [`GET /api/v1/tokens/${id}`, { body: token({ id }) }],
  [`PATCH /api/v1/tokens/${id}`, { status: 401, body: { code: 'unauthorized', error: 'Sign in first.' } }],
  [`GET /api/v1/tokens/${id}/tools`, { body: { count: 0, tools: [] } }],
  [`GET /api/v1/tokens/${id}/used`, { status: 503 }],
]

async function type(label: string, text: string): Promise<void> {
  const input = field(label)
  input.value = text
  input.dispatchEvent(new Event('input'))
  await flushPromises()
}

async function click(role: 'button' | 'checkbox', name: string | RegExp): Promise<void> {
  find(role, name).click()
  await flushPromises()
}

/** Fills in the form, finds the session ended, and goes to the identity provider. */
async function leaveForSignIn(): Promise<void> {
  await open()
  await type('Name', 'Nightly report')
  await click('checkbox', /^packer/)
  await click('button', 'Mint token')
  await goToProvider()
}

async function goToProvider(): Promise<void> {
  expect(pageText()).toContain('What you typed here comes back with you.')
  const link = find('link', 'Go to Acme')
  link.addEventListener('click', (event) => event.preventDefault())
  link.click()
  useSession().giveUp()
  leave()
  await flushPromises()
}

describe('who has to leave for a sign-in in the middle of minting', () => {
  it('finds everything as it was on coming back, once', async () => {
    await leaveForSignIn()
    await open()
    expect(pageText()).toContain('What you had typed before you signed in is here again.')
    expect(field('Name').value).toBe('Nightly report')
    expect((find('checkbox', /^packer/) as HTMLInputElement).checked).toBe(true)

    leave()
    await open()
    expect(field('Name').value).toBe('')
  })

  it('leaves nothing to somebody else, and nothing for long', async () => {
    await leaveForSignIn()
    await open('u2')
    expect(field('Name').value).toBe('')

    leave()
    await leaveForSignIn()
    vi.setSystemTime(NOW + HOUR_MS)
    await open()
    expect(field('Name').value).toBe('')
    expect(has('button', 'Mint token')).toBe(true)
  })
})

describe('who has to leave for a sign-in in the middle of editing', () => {
  it('finds the changes again, in the form of that token alone', async () => {
    await open('u1', 'k1')
    await type('Name', 'Nightly report')
    await click('button', 'Save changes')
    await goToProvider()

    await open('u1', 'k1')
    expect(pageText()).toContain('What you had typed before you signed in is here again.')
    expect(field('Name').value).toBe('Nightly report')

    await click('button', 'Save changes')
    await goToProvider()
    await open('u1', 'k2')
    expect(field('Name').value).toBe('Claude Code')
  })
})
