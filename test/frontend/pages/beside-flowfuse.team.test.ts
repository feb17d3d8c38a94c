import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'

import NoToolsYet from '../../../frontend/components/tools/NoToolsYet.vue'
import TeamOverviewPage from '../../../frontend/pages/TeamOverviewPage.vue'
import { answerWith } from '../support/forge.ts'
import { BOB, TEAM } from '../support/oversight-samples.ts'
import { createTestRouter } from '../support/router.ts'
import { find, has, pageText } from '../support/screen.ts'

const PACKER = {
  id: 'i1_t1',
  teamId: 't1',
  applicationId: 'a1',
  applicationName: 'Packaging',
  name: 'packer',
  url: 'https://packer.example.com',
  production: false,
  credential: null,
  createdAt: '2026-11-20T09:00:00.000Z',
}
const PACKAGING = { id: 'a1', teamId: 't1', name: 'Packaging', createdAt: '2026-11-20T09:00:00.000Z' }

let wrapper: VueWrapper | undefined
afterEach(() => {
  wrapper?.unmount()
  document.head.replaceChildren()
  vi.unstubAllGlobals()
})

/** The page of a team for one of its owners. @param host what the server writes into the page */
async function open(host: 'flowfuse' | 'own', { instances, applications }: Record<string, object[]>): Promise<void> {
  document.head.innerHTML = host === 'flowfuse' ? '<meta name="forge-host" content="flowfuse">' : ''
  const of = (name: string, items: object[] = []) => ({ body: { meta: {}, count: items.length, [name]: items } })
  const bob = { user: { ...BOB, email: 'bob@example.com', suspended: false }, role: 'owner', managedBy: null }
  answerWith({
    'GET /api/v1/teams/t1/members': of('members', [{ ...bob, overrides: [] }]),
    'GET /api/v1/applications': of('applications', applications),
    'GET /api/v1/instances': of('instances', instances),
    'GET /api/v1/teams/t1/oauth-clients': of('clients'),
  })
  const plugins = [createTestRouter()]
  wrapper = mount(TeamOverviewPage, { attachTo: document.body, props: { team: TEAM }, global: { plugins } })
  await flushPromises()
}

it('shows an owner what is in a team of FlowFuse’s, and changes nothing of it', async () => {
  await open('flowfuse', { instances: [PACKER], applications: [PACKAGING] })

  expect(find('link', 'Tools of packer').getAttribute('href')).toBe('/teams/t1/instances/i1_t1/tools')
  expect(pageText()).toContain('Packaging')
  expect(pageText()).toContain('Bob Berger')
  expect(pageText()).not.toContain('credential')
  // Programs are ours.
  expect([...document.querySelectorAll('button')].map((button) => button.textContent.trim())).toEqual([
    'Register a program',
  ])
})

it('says that instances are made in FlowFuse as long as there is none', async () => {
  await open('flowfuse', { instances: [], applications: [] })

  expect(has('heading', 'No instance yet')).toBe(true)
  expect(pageText()).toContain('Applications and instances are made in FlowFuse.')
  expect(pageText()).not.toContain('Create')
})

it('lets an owner change all of it where the forge runs by itself', async () => {
  await open('own', { instances: [PACKER], applications: [PACKAGING] })

  expect(pageText()).toContain('No credential yet')
  for (const name of ['Edit packer', 'Delete packer', 'Create an instance'])
    expect(has('button', name), name).toBe(true)
})

it('says that an instance without tools needs the package in its stack, and no credential', () => {
  document.head.innerHTML = '<meta name="forge-host" content="flowfuse">'
  wrapper = mount(NoToolsYet, { attachTo: document.body, props: { reported: false } })

  expect(pageText()).toContain('Install forge-pat in the stack of the instance')
  expect(pageText()).not.toContain('credential')
})
