import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { ScimStatus } from '../../../../forge/contract/scim.ts'
import type { Provider } from '../../../../forge/contract/sso.ts'
import ProviderScim from '../../../../frontend/components/sso/ProviderScim.vue'
import { answerWith } from '../../support/forge.ts'
import { NOW } from '../../support/samples.ts'
import { field, find, has, pageText } from '../../support/screen.ts'

const STATUS: ScimStatus = {
  address: 'https://forge.example/scim/v2',
  token: { createdAt: '2026-11-20T00:00:00.000Z', lastUsedAt: null },
  users: 12,
  groups: 1,
  tellsGroups: true,
}
const page = 'api/v1/sso/providers/okta/scim'

let wrapper: VueWrapper
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function open(status: ScimStatus) {
  const calls = answerWith({
    [`GET /${page}`]: { body: status },
    [`POST /${page}/token`]: { status: 201, body: { token: 'ffscim_shown-once', address: status.address } },
    [`DELETE /${page}/token`]: { status: 204 },
  })
  const provider = { id: 'okta', name: 'Okta' } as Provider
  wrapper = mount(ProviderScim, { props: { provider, now: NOW }, attachTo: document.body })
  await flushPromises()
  return (method: string) => calls.filter((call) => call.method === method).length
}

const click = async (name: string) => {
  find('button', name).click()
  await flushPromises()
}

it('begins with a token, which is gone once it was stored', async () => {
  const count = await open({ ...STATUS, token: null, users: 0, groups: 0, tellsGroups: false })
  expect(has('button', 'End SCIM')).toBe(false)
  await click('Make a SCIM token')
  expect(count('POST')).toBe(1)
  expect(field('Token').value).toBe('ffscim_shown-once')
  await click('I have stored it')
  expect(document.body.innerHTML).not.toContain('ffscim_shown-once')
})

it('says what has come, and makes another token or ends SCIM only when that is confirmed', async () => {
  const count = await open(STATUS)
  expect(pageText()).toContain('12 people and 1 group so far.')
  expect(pageText()).toContain('not used yet')
  expect(pageText()).toContain('what a sign-in says of groups does not count')
  expect(field('Base address (tenant URL)').value).toBe(STATUS.address)

  await click('End SCIM')
  expect(count('DELETE')).toBe(0)
  find('dialog', /End SCIM/)
  const confirm = [...document.querySelectorAll('button')].filter(
    ({ textContent }) => textContent?.trim() === 'End SCIM',
  )
  confirm.at(-1)?.click()
  await flushPromises()
  expect(count('DELETE')).toBe(1)
})
