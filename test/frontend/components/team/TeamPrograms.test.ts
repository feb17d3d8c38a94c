import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { OAuthClient } from '../../../../forge/contract/oauth-client.ts'
import TeamPrograms from '../../../../frontend/components/team/TeamPrograms.vue'
import type { TeamView } from '../../../../frontend/composables/useTeam.ts'
import { answerWith, type Answer, type Call } from '../../support/forge.ts'
import { BOB, TEAM } from '../../support/oversight-samples.ts'
import { createTestRouter } from '../../support/router.ts'
import { NOW } from '../../support/samples.ts'
import { field, find, has, pageText } from '../../support/screen.ts'

const PATH = '/api/v1/teams/t1/oauth-clients'
const ROBOT: OAuthClient = {
  id: '5b0b8e9a-6a51-4c33-8d53-0d6a3d5f2f10',
  name: 'Night shift robot',
  createdBy: BOB.id,
  createdAt: '2026-11-22T09:00:00.000Z',
}
const VIEW: TeamView = {
  team: TEAM,
  members: [
    { user: { ...BOB, email: 'bob@example.com', suspended: false }, role: 'owner', managedBy: null, overrides: [] },
  ],
  applications: [],
  instances: [],
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

const listing = (clients: OAuthClient[]) => ({ body: { count: clients.length, clients } })

async function open(answers: Record<string, Answer>): Promise<Call[]> {
  const calls = answerWith(answers)
  wrapper = mount(TeamPrograms, {
    attachTo: document.body,
    props: { view: VIEW },
    global: { plugins: [createTestRouter()] },
  })
  await flushPromises()
  return calls
}

async function click(name: string): Promise<void> {
  find('button', name).click()
  await flushPromises()
}

it('says what a program is as long as there is none', async () => {
  await open({ [`GET ${PATH}`]: listing([]) })

  expect(has('heading', 'No program is registered')).toBe(true)
})

it('shows the client_id, who registered it and when', async () => {
  await open({ [`GET ${PATH}`]: listing([ROBOT, { ...ROBOT, id: 'other', name: 'Old robot', createdBy: 'u9' }]) })

  expect(pageText()).toContain(`client_id ${ROBOT.id}`)
  expect(pageText()).toContain('Registered 24 hours ago by Bob Berger')
  expect(pageText()).toContain('by a former member')
})

it('registers a program by its name, and shows it', async () => {
  const lists = [listing([]), listing([ROBOT])]
  const calls = await open({
    [`GET ${PATH}`]: () => lists.shift() ?? {},
    [`POST ${PATH}`]: { status: 201, body: ROBOT },
  })
  await click('Register a program')
  await click('Register program')
  expect(calls).toHaveLength(1)
  expect(document.activeElement).toBe(field('Name'))

  const name = field('Name')
  name.value = '  Night shift robot '
  name.dispatchEvent(new Event('input'))
  await click('Register program')

  expect(calls[1]).toMatchObject({ method: 'POST', body: { name: 'Night shift robot' } })
  expect(pageText()).toContain(`client_id ${ROBOT.id}`)
  expect(has('dialog', /Register a program/)).toBe(false)
})

it('keeps what was typed when the forge refuses', async () => {
  const error = 'A team has at most 50 programs. Remove one first.'
  await open({ [`GET ${PATH}`]: listing([]), [`POST ${PATH}`]: { status: 409, body: { code: 'conflict', error } } })
  await click('Register a program')
  const name = field('Name')
  name.value = 'One more'
  name.dispatchEvent(new Event('input'))
  await click('Register program')

  expect(find('alert', error)).toBeDefined()
  expect(field('Name').value).toBe('One more')
})

it('removes a program after asking, and says that its tokens stay', async () => {
  const lists = [listing([ROBOT]), listing([])]
  const calls = await open({
    [`GET ${PATH}`]: () => lists.shift() ?? {},
    [`DELETE ${PATH}/${ROBOT.id}`]: { status: 204 },
  })
  await click('Remove Night shift robot')
  expect(pageText()).toContain('Tokens that it has already go on working')
  expect(find('link', 'Tokens').getAttribute('href')).toBe('/teams/t1/tokens')
  await click('Remove program')

  expect(calls[1]).toMatchObject({ method: 'DELETE', path: `${PATH}/${ROBOT.id}` })
  expect(has('heading', 'No program is registered')).toBe(true)
})

it('can be loaded again when it could not be', async () => {
  const answers: { status?: number; body?: unknown }[] = [
    { status: 503, body: { code: 'unavailable', error: 'Not now.' } },
    listing([ROBOT]),
  ]
  await open({ [`GET ${PATH}`]: () => answers.shift() ?? {} })
  expect(pageText()).toContain('Not now.')

  await click('Try again')
  expect(pageText()).toContain(ROBOT.name)
})
