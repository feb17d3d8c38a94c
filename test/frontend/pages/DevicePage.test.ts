import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { DeviceRequest } from '../../../forge/contract/device.ts'
import { onSessionEnded, type RenewalReason } from '../../../frontend/http.ts'
import DevicePage from '../../../frontend/pages/DevicePage.vue'
import { answerWith, type Answer, type Call } from '../support/forge.ts'
import { createTestRouter } from '../support/router.ts'
import { NOW, TARGETS } from '../support/samples.ts'
import { field, find, has, pageText } from '../support/screen.ts'

const LOOKUP = 'POST /api/v1/device/lookup'
const APPROVE = 'POST /api/v1/device/approve'
const DENY = 'POST /api/v1/device/deny'
const TARGETS_PATH = 'GET /api/v1/tokens/targets'
const PREVIEW = 'POST /api/v1/tokens/preview'

const REQUEST: DeviceRequest = {
  userCode: 'WDJB-MJHT',
  client: { id: 'forge-pat', name: 'forge-pat command', kind: 'built-in', teamId: null },
  address: '203.0.113.7',
  askedAt: '2026-11-23T08:59:00.000Z',
  expiresAt: '2026-11-23T09:09:00.000Z',
  readOnly: false,
  resources: [
    { url: 'https://packer.example.com', instanceId: 'i1' },
    { url: 'https://secret.example.com', instanceId: null },
  ],
}

let wrapper: VueWrapper
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  wrapper.unmount()
  onSessionEnded(null)
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function open(answers: Record<string, Answer> = {}, address = '/device'): Promise<Call[]> {
  const calls = answerWith({
    [LOOKUP]: { body: REQUEST },
    [TARGETS_PATH]: { body: TARGETS },
    [PREVIEW]: { body: { targets: [] } },
    ...answers,
  })
  const router = createTestRouter()
  await router.push(address)
  wrapper = mount(DevicePage, { attachTo: document.body, global: { plugins: [router] } })
  await flushPromises()
  return calls
}

async function click(role: 'button' | 'checkbox' | 'radio', name: string | RegExp): Promise<void> {
  find(role, name).click()
  await flushPromises()
}

async function type(label: string, text: string): Promise<void> {
  const input = field(label)
  input.value = text
  input.dispatchEvent(new Event('input'))
  await flushPromises()
}

async function enterCode(): Promise<void> {
  await type('Code', ' wdjb mjht ')
  await click('button', 'Go on')
}

const sent = (calls: Call[], path: string) => calls.filter((call) => `${call.method} ${call.path}` === path)

describe('the code', () => {
  it('is asked for, with a warning, and nothing is looked up before a click', async () => {
    const calls = await open()
    expect(pageText()).toContain('Go on only if you have started the program yourself')
    await click('button', 'Go on')

    expect(calls).toEqual([])
    expect(pageText()).toContain('Enter the code that the program shows.')
  })

  it('of a link is filled in and decides nothing by itself', async () => {
    const calls = await open({}, '/device?user_code=WDJB-MJHT')
    expect(field('Code').value).toBe('WDJB-MJHT')
    expect(calls).toEqual([])

    await click('button', 'It is the same: go on')
    expect(sent(calls, LOOKUP)[0]?.body).toEqual({ userCode: 'WDJB-MJHT' })
  })

  it('that no program waits with can be typed again', async () => {
    const error = 'No program waits with this code.'
    await open({ [LOOKUP]: { status: 404, body: { code: 'not_found', error } } })
    await enterCode()

    expect(find('alert', error)).toBeDefined()
    expect(field('Code').value).toBe(' wdjb mjht ')
  })
})

describe('a program that waits', () => {
  it('is shown with who says so, where it asked from, and what is out of reach', async () => {
    await open()
    await enterCode()

    expect(has('heading', 'forge-pat command')).toBe(true)
    const text = pageText()
    for (const part of ['Anybody can run it', '203.0.113.7', 'read and change', 'https://secret.example.com']) {
      expect(text).toContain(part)
    }
    expect((find('checkbox', /^packer/) as HTMLInputElement).checked).toBe(true)
    expect((find('checkbox', /^labeller/) as HTMLInputElement).checked).toBe(false)
  })

  it.each([
    ['document', 'https://tools.example.com/client.json', 'It says so itself, at tools.example.com.'],
    ['team', '5b0b8e9a', 'Registered by the owners of a team'],
  ] as const)('of the kind %s is vouched for by whom it is', async (kind, id, words) => {
    await open({
      [LOOKUP]: { body: { ...REQUEST, client: { id, name: 'Robot', kind, teamId: kind === 'team' ? 't1' : null } } },
    })
    await enterCode()

    expect(pageText()).toContain(words)
    expect(has('checkbox', /Research/)).toBe(kind === 'document')
  })

  it('gets less than it asked for when the person narrows it', async () => {
    const calls = await open({ [APPROVE]: { status: 204 } })
    await enterCode()
    await type('Name', 'My terminal')
    await click('checkbox', /^Read-only/)
    await click('radio', /^Viewer/)
    await click('button', 'Approve')

    expect(sent(calls, APPROVE)[0]?.body).toEqual({
      userCode: 'WDJB-MJHT',
      name: 'My terminal',
      role: 'viewer',
      readOnly: true,
      grants: [{ type: 'instance', id: 'i1' }],
      expiresAt: '2026-12-23T09:00:00.000Z',
    })
    expect(document.activeElement).toBe(find('heading', 'Go back to the program'))
  })

  it('gets nothing when the person says no', async () => {
    const calls = await open({ [DENY]: { status: 204 } })
    await enterCode()
    await click('button', 'Deny')

    expect(sent(calls, DENY)[0]?.body).toEqual({ userCode: 'WDJB-MJHT' })
    expect(document.activeElement).toBe(find('heading', 'You have said no'))
    await click('button', 'Enter another code')
    expect(field('Code').value).toBe('')
  })

  it('that waits no longer is said to, and nothing that was typed is lost', async () => {
    const error = 'No program waits with this code.'
    await open({ [APPROVE]: { status: 404, body: { code: 'not_found', error } } })
    await enterCode()
    await type('Name', 'My terminal')
    await click('button', 'Approve')

    expect(find('alert', error)).toBeDefined()
    expect(field('Name').value).toBe('My terminal')
  })
})

describe('a session that is over, or too old to give power', () => {
  it.each<[RenewalReason, number, string, string]>([
    ['ended', 401, 'unauthorized', LOOKUP],
    ['ended', 401, 'unauthorized', APPROVE],
    ['unconfirmed', 403, 'reauthentication_required', APPROVE],
  ])('is renewed in place (%s), and the call made once more', async (reason, status, code, path) => {
    const refusal = { status, body: { code, error: 'Sign in again.' } }
    const answers: { status?: number; body?: unknown }[] = [
      refusal,
      path === LOOKUP ? { body: REQUEST } : { status: 204 },
    ]
    const reasons: RenewalReason[] = []
    onSessionEnded(async (why) => {
      reasons.push(why)
      return true
    })
    const calls = await open({ [APPROVE]: { status: 204 }, [path]: () => answers.shift() ?? {} })
    await enterCode()
    await click('button', 'Approve')

    expect(reasons).toEqual([reason])
    expect(sent(calls, path)).toHaveLength(2)
    expect(has('heading', 'Go back to the program')).toBe(true)
  })

  it('that is not renewed decides nothing', async () => {
    onSessionEnded(async () => false)
    const error = 'Confirm that it is you: sign in again, then repeat this.'
    await open({ [APPROVE]: { status: 403, body: { code: 'reauthentication_required', error } } })
    await enterCode()
    await click('button', 'Approve')

    expect(find('alert', error)).toBeDefined()
    expect(has('button', 'Approve')).toBe(true)
  })
})
