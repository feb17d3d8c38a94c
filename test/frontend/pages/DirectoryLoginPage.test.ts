import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import DirectoryLoginPage from '../../../frontend/pages/DirectoryLoginPage.vue'
import { answerWith, type Answer } from '../support/forge.ts'
import { field, find, has, pageText } from '../support/screen.ts'

const FOUND = 'GET /account/sso/acme'
const SIGN_IN = 'POST /account/sso/acme/password'
const ALICE = { id: 'u1', username: 'alice', name: 'Alice', admin: false, provider: null }
const EMPTY = { template: '<p></p>' }

let wrapper: VueWrapper
let router: Router
beforeEach(() => {
  const routes = ['login', 'teams', 'tokens'].map((name) => ({
    path: `/${name}`,
    name: `forge-pat-${name}`,
    component: EMPTY,
  }))
  router = createRouter({ history: createMemoryHistory(), routes })
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

async function open(answers: Record<string, Answer>) {
  const calls = answerWith({ [FOUND]: { body: { provider: { id: 'acme', name: 'Acme' } } }, ...answers })
  await router.push('/login?return=/teams')
  wrapper = mount(DirectoryLoginPage, {
    props: { id: 'acme' },
    attachTo: document.body,
    global: { plugins: [router] },
  })
  await flushPromises()
  return calls
}

async function enter(username: string, password: string): Promise<void> {
  for (const [label, text] of [
    ['User name', username],
    ['Password', password],
  ] as const) {
    field(label).value = text
    field(label).dispatchEvent(new Event('input'))
  }
  field('Password').form?.dispatchEvent(new Event('submit'))
  await flushPromises()
}

it('signs in at the directory, and goes where the person wanted to be', async () => {
  const calls = await open({ [SIGN_IN]: { status: 204 }, 'GET /api/v1/user': { body: ALICE } })
  expect(has('heading', 'Sign in through Acme')).toBe(true)
  await enter(' alice ', 'long enough')

  expect(calls.find(({ method }) => method === 'POST')?.body).toEqual({ username: 'alice', password: 'long enough' })
  expect(router.currentRoute.value.fullPath).toBe('/teams')
})

it('says why it was refused, keeps the name and forgets the password', async () => {
  await open({ [SIGN_IN]: { status: 401, body: { code: 'unauthorized', error: 'Wrong user name or password.' } } })
  await enter('alice', 'wrong')
  expect(pageText()).toContain('Wrong user name or password.')
  expect([field('User name').value, field('Password').value]).toEqual(['alice', ''])
  expect(router.currentRoute.value.name).toBe('forge-pat-login')
})

it('offers another way where there is no such directory, and tries again where nothing answered', async () => {
  await open({ [FOUND]: { body: { provider: null } } })
  expect(has('button', 'Sign in')).toBe(false)
  expect(find('link', /./).getAttribute('href')).toBe('/login?return=/teams')

  wrapper.unmount()
  let down = true
  await open({ [FOUND]: () => (down ? { status: 503 } : { body: { provider: { id: 'acme', name: 'Acme' } } }) })
  expect(has('button', 'Sign in')).toBe(false)
  down = false
  find('button', /again/i).click()
  await flushPromises()
  expect(has('button', 'Sign in')).toBe(true)
})
