import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { User } from '../../../forge/contract/host.ts'
import * as api from '../../../frontend/api.ts'
import SessionEndedDialog from '../../../frontend/components/SessionEndedDialog.vue'
import SiteHeader from '../../../frontend/components/SiteHeader.vue'
import SignInReminder from '../../../frontend/components/sso/SignInReminder.vue'
import { useSession } from '../../../frontend/composables/useSession.ts'
import FlowFuseSignInPage from '../../../frontend/pages/FlowFuseSignInPage.vue'
import TeamsPage from '../../../frontend/pages/TeamsPage.vue'
import { answerWith } from '../support/forge.ts'
import { find, has, pageText } from '../support/screen.ts'

const ALICE = { id: 'u1', username: 'alice', name: 'Alice', admin: true, provider: null }
const NOBODY = { status: 401, body: { code: 'unauthorized', error: 'Sign in at FlowFuse first.' } }
const NO_NOTICES = { body: { meta: {}, count: 0, unread: 0, notices: [] } }
const EMPTY = { template: '<p></p>' }

let wrapper: VueWrapper | undefined
let router: Router

/** What the server writes into the page beside a FlowFuse. */
function standBeside(host: string): void {
  const meta = document.createElement('meta')
  meta.name = 'forge-host'
  meta.content = host
  document.head.append(meta)
}

beforeEach(() => {
  standBeside('flowfuse')
  const names = ['home', 'login', 'tokens', 'teams', 'team', 'users', 'providers', 'account', 'notices']
  const routes = names.map((name) => ({
    path: name === 'home' ? '/' : `/${name}`,
    name: `forge-pat-${name}`,
    component: EMPTY,
  }))
  router = createRouter({ history: createMemoryHistory(), routes })
})
afterEach(() => {
  useSession().giveUp()
  wrapper?.unmount()
  document.head.replaceChildren()
  vi.unstubAllGlobals()
})

async function open(component: Parameters<typeof mount>[0], props: Record<string, unknown> = {}): Promise<void> {
  wrapper = mount(component, { props, attachTo: document.body, global: { plugins: [router] } })
  await flushPromises()
}

async function click(name: string): Promise<void> {
  find('button', name).click()
  await flushPromises()
}

it('is at FlowFuse that somebody signs in once more, for tokens that wait for it', async () => {
  const signIn = { provider: { id: 'flowfuse', name: 'FlowFuse' }, by: null, tokens: 2 }
  answerWith({ 'GET /api/v1/tokens/sign-ins': { body: { signIns: [signIn] } } })
  await open(SignInReminder, { now: Date.parse('2026-11-25T12:00:00.000Z') })

  expect(find('link', /FlowFuse/).getAttribute('href')).toBe('/')
})

describe('the sign-in page', () => {
  it('asks FlowFuse only when the person says so, and then goes where they wanted to be', async () => {
    const calls = answerWith({ 'GET /api/v1/user': { body: ALICE } })
    await router.push('/login?return=/teams')
    await open(FlowFuseSignInPage)
    expect(calls).toEqual([])
    const link = find('link', 'Go to FlowFuse')
    expect([link.getAttribute('href'), link.getAttribute('rel')]).toEqual(['/', 'noopener'])

    await click('I have signed in')
    expect(router.currentRoute.value.fullPath).toBe('/teams')
  })

  it('stays, and says what is missing, while FlowFuse knows nobody', async () => {
    answerWith({ 'GET /api/v1/user': NOBODY })
    await router.push('/login')
    await open(FlowFuseSignInPage)
    await click('I have signed in')
    expect(pageText()).toContain('FlowFuse does not know you in this browser yet.')
    expect(router.currentRoute.value.name).toBe('forge-pat-login')
  })

  it('goes to no other site, whatever the address says', async () => {
    answerWith({ 'GET /api/v1/user': { body: ALICE } })
    await router.push('/login?return=https://evil.example/')
    await open(FlowFuseSignInPage)
    await click('I have signed in')
    expect(router.currentRoute.value.name).not.toBe('forge-pat-login')
    expect(router.currentRoute.value.fullPath).not.toContain('evil')
  })
})

describe('the header', () => {
  const header = async () => {
    answerWith({ 'GET /api/v1/notices': NO_NOTICES })
    await open(SiteHeader, { user: ALICE as unknown as User })
  }

  it('leads back to FlowFuse, and leaves out what FlowFuse does itself', async () => {
    await header()
    expect(find('link', 'Back to FlowFuse').getAttribute('href')).toBe('/')
    expect(has('link', 'Access tokens')).toBe(true)
    for (const name of ['Users', 'Single sign-on', 'Account of Alice']) expect(has('link', name), name).toBe(false)
    expect(has('button', 'Sign out')).toBe(false)
  })

  it('has all of it, and no way to FlowFuse, where the forge runs by itself', async () => {
    document.head.replaceChildren()
    await header()
    expect(has('link', 'Back to FlowFuse')).toBe(false)
    for (const name of ['Users', 'Single sign-on', 'Account of Alice']) expect(has('link', name), name).toBe(true)
    expect(has('button', 'Sign out')).toBe(true)
  })
})

describe('the dialog for a new sign-in', () => {
  /** A call that is refused once, with the dialog that opens for it; `afterwards` is who is there then. */
  async function waitForSignIn(code: 'unauthorized' | 'reauthentication_required', afterwards: { body: unknown }) {
    let refused = false
    let user: { body: unknown } = { body: ALICE }
    answerWith({
      'GET /api/v1/user': () => user,
      'GET /api/v1/teams': () => {
        if (refused) return { body: { meta: {}, count: 0, teams: [] } }
        refused = true
        return { status: 401, body: { code, error: 'Sign in first.' } }
      },
    })
    await useSession().load()
    user = afterwards
    await open(SessionEndedDialog)
    const outcome = api.listTeams({}).then(
      () => 'done',
      () => 'refused',
    )
    await flushPromises()
    return { outcome }
  }

  it('asks for no password, and lets the call go on once the same person is there again', async () => {
    const { outcome } = await waitForSignIn('unauthorized', { body: ALICE })
    expect(pageText()).toContain('Sign in at FlowFuse in a new tab')
    expect(has('field', 'Password')).toBe(false)
    await click('Go on')
    expect(await outcome).toBe('done')
  })

  it('goes on for nobody else', async () => {
    await waitForSignIn('unauthorized', { body: { ...ALICE, id: 'u2' } })
    await click('Go on')
    expect(pageText()).toContain('FlowFuse does not know you in this browser yet.')
    expect(has('dialog', 'Sign in again')).toBe(true)
  })

  it('asks to sign out and in again for what mints power, and takes no for an answer', async () => {
    const { outcome } = await waitForSignIn('reauthentication_required', { body: ALICE })
    expect(pageText()).toContain('Sign out of FlowFuse in a new tab and in again')
    await click('Cancel')
    expect(await outcome).toBe('refused')
    expect(useSession().user.value?.id).toBe('u1')
  })
})

it('offers no way to make a team, which FlowFuse does', async () => {
  answerWith({ 'GET /api/v1/user': { body: ALICE }, 'GET /api/v1/teams': { body: { meta: {}, count: 0, teams: [] } } })
  await useSession().load()
  await open(TeamsPage)
  expect(has('button', /team/i)).toBe(false)

  wrapper?.unmount()
  document.head.replaceChildren()
  await open(TeamsPage)
  expect(has('button', /team/i)).toBe(true)
})
