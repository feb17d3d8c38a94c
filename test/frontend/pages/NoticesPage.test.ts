import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Notice } from '../../../forge/contract/notice.ts'
import NoticesPage from '../../../frontend/pages/NoticesPage.vue'
import { answerWith, type Answer, type Call } from '../support/forge.ts'
import { createTestRouter } from '../support/router.ts'
import { NOW } from '../support/samples.ts'
import { find, has, pageText } from '../support/screen.ts'

const USED = 'Somebody used your retired token “Claude Code”'
let wrapper: VueWrapper

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const notice = (readAt: string | null): Notice => ({
  id: 'n1',
  kind: 'retired-token-used',
  title: USED,
  lines: ['It was refused on 23 November 2026, 08:00 UTC.', 'Instance: “packer”.'],
  body: {
    token: { id: 'k1', name: 'Claude Code' },
    at: '2026-11-23T08:00:00.000Z',
    instance: { id: 'i1', name: 'packer' },
    client: 'curl/8',
    address: null,
  },
  createdAt: '2026-11-23T08:00:00.000Z',
  readAt,
})

const page = (notices: Notice[], next?: string): Answer => {
  const unread = notices.filter(({ readAt }) => readAt === null).length
  return { body: { meta: next ? { next_cursor: next } : {}, count: notices.length, unread, notices } }
}

async function open(answers: Record<string, Answer>): Promise<Call[]> {
  const calls = answerWith(answers)
  wrapper = mount(NoticesPage, { attachTo: document.body, global: { plugins: [createTestRouter()] } })
  await flushPromises()
  return calls
}
const click = async (name: string) => {
  find('button', name).click()
  await flushPromises()
}

it('says that there is nothing to tell', async () => {
  await open({ 'GET /api/v1/notices': page([]) })
  expect(has('heading', 'Nothing to tell you')).toBe(true)
  expect(has('button', 'Mark all as read')).toBe(false)
})

it('says what is wrong and tries again', async () => {
  await open({ 'GET /api/v1/notices': { status: 503, body: { code: 'unavailable', error: 'In a moment.' } } })
  expect(find('alert', /In a moment\./)).toBeDefined()
  answerWith({ 'GET /api/v1/notices': page([notice(null)]) })
  await click('Try again')
  expect(has('article', USED)).toBe(true)
})

it('tells in words what is unread, what happened and when, and leads to the token', async () => {
  await open({ 'GET /api/v1/notices': page([notice(null)]) })
  for (const words of ['Unread', 'Instance: “packer”.', '1 hour ago']) expect(pageText()).toContain(words)
  expect(find('link', `Go to the token: ${USED}`).getAttribute('href')).toContain('token=k1')
})

it('marks one as read and reads the list again', async () => {
  const answers = [page([notice(null)]), page([notice('2026-11-23T09:00:00.000Z')])]
  const calls = await open({
    'GET /api/v1/notices': () => answers.shift() as { body: unknown },
    'POST /api/v1/notices/n1/read': { status: 204 },
  })
  await click(`Mark as read: ${USED}`)
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /api/v1/notices',
    'POST /api/v1/notices/n1/read',
    'GET /api/v1/notices',
  ])
  expect(has('button', `Mark as read: ${USED}`)).toBe(false)
})

it('marks all as read at once', async () => {
  const calls = await open({
    'GET /api/v1/notices': page([notice(null)]),
    'POST /api/v1/notices/read': { status: 204 },
  })
  await click('Mark all as read')
  expect(calls[1]).toMatchObject({ method: 'POST', path: '/api/v1/notices/read' })
})

it('shows older ones on demand', async () => {
  const older = { ...notice('2026-11-01T09:00:00.000Z'), id: 'n2', title: 'An old one' }
  const answers = [page([notice(null)], 'more'), page([notice(null)], 'more'), page([older])]
  await open({ 'GET /api/v1/notices': () => answers.shift() as { body: unknown } })
  expect(has('article', 'An old one')).toBe(false)
  await click('Show older notices')
  expect([has('article', USED), has('article', 'An old one')]).toEqual([true, true])
})
