import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { ProviderOf } from '../../../../forge/contract/sso.ts'
import DirectoryCheck from '../../../../frontend/components/sso/DirectoryCheck.vue'
import DirectoryTrial from '../../../../frontend/components/sso/DirectoryTrial.vue'
import { answerWith, type Answer } from '../../support/forge.ts'
import { NOW } from '../../support/samples.ts'
import { field, find, pageText } from '../../support/screen.ts'

type Check = ProviderOf<'ldap'>['lastCheck']

const CHECK = 'POST /api/v1/sso/providers/acme/check'
const TRIAL = 'POST /api/v1/sso/providers/acme/trial'

let wrapper: VueWrapper
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

const click = async (name: string) => {
  find('button', name).click()
  await flushPromises()
}

describe('DirectoryCheck', () => {
  function open(lastCheck: Check, answer: Answer = { body: {} }) {
    const calls = answerWith({ [CHECK]: answer })
    const provider = { id: 'acme', ldap: { checkMinutes: 15 }, lastCheck } as ProviderOf<'ldap'>
    wrapper = mount(DirectoryCheck, { props: { provider, now: NOW }, attachTo: document.body })
    return calls
  }
  const at = new Date(NOW).toISOString()

  it('says how often it looks, and what the last look found', () => {
    open({ at, problem: null, people: 41, ended: 2, changed: 1 })
    expect(pageText()).toContain('every 15 minutes')
    expect(pageText()).toContain('41')
  })

  it('says what is wrong with the directory, and that nobody lost anything by it', () => {
    open({ at, problem: 'ldap_connect', people: 0, ended: 0, changed: 0 })
    expect(pageText()).toContain('Nothing was changed.')
  })

  it('looks when it is told to, and has what came of it shown', async () => {
    const calls = open(null)
    expect(pageText()).toContain('There was no check yet.')
    await click('Check now')
    expect(calls).toHaveLength(1)
    expect(wrapper.emitted('checked')).toHaveLength(1)
  })

  it('shows why it could not look', async () => {
    open(null, { status: 503, body: { code: 'unavailable', error: 'The directory is busy.' } })
    await click('Check now')
    expect(pageText()).toContain('The directory is busy.')
    expect(wrapper.emitted('checked')).toBeUndefined()
  })
})

describe('DirectoryTrial', () => {
  function open(answer: Answer) {
    const calls = answerWith({ [TRIAL]: answer })
    wrapper = mount(DirectoryTrial, { props: { providerId: 'acme' }, attachTo: document.body })
    return calls
  }

  async function lookUp(username: string, password = ''): Promise<void> {
    const texts = { 'User name in the directory': username, [passwordLabel()]: password }
    for (const [label, text] of Object.entries(texts)) {
      field(label).value = text
      field(label).dispatchEvent(new Event('input'))
    }
    field('User name in the directory').form?.dispatchEvent(new Event('submit'))
    await flushPromises()
  }
  const passwordLabel = () => (field(/^Their password/).labels?.[0]?.textContent ?? '').replace(/\s+/g, ' ').trim()

  it('sends no password that nobody typed', async () => {
    const calls = open({ body: {} })
    await lookUp(' alice ')
    expect(calls.map(({ body }) => body)).toEqual([{ username: 'alice' }])
    expect(wrapper.emitted('tried')).toHaveLength(1)
  })

  it('sends the password once, and forgets it', async () => {
    const calls = open({ body: {} })
    await lookUp('alice', 'long enough')
    expect(calls.map(({ body }) => body)).toEqual([{ username: 'alice', password: 'long enough' }])
    expect(field(/^Their password/).value).toBe('')
  })

  it('shows why it could not look', async () => {
    open({ status: 503, body: { code: 'unavailable', error: 'The directory is busy.' } })
    await lookUp('alice')
    expect(pageText()).toContain('The directory is busy.')
    expect(wrapper.emitted('tried')).toBeUndefined()
  })
})
