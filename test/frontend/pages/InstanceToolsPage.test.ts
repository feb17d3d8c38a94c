import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { InstanceTool, InstanceTools, ToolRule } from '../../../forge/contract/tool-registry.ts'
import InstanceToolsPage from '../../../frontend/pages/InstanceToolsPage.vue'
import { answerWith, type Answer, type Call } from '../support/forge.ts'
import { BOB, TEAM } from '../support/oversight-samples.ts'
import { NOW } from '../support/samples.ts'
import { field, find, has, pageText } from '../support/screen.ts'

const GET = 'GET /api/v1/instances/i1/tools'
const PUT = 'PUT /api/v1/instances/i1/tool-rules'
const CONFLICT: Answer = {
  status: 412,
  body: { code: 'precondition_failed', error: 'Another owner has changed the rules meanwhile. Look at them again.' },
}

let wrapper: VueWrapper
let router: Router
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const tool = (name: string, changes: Partial<InstanceTool> = {}): InstanceTool => ({
  server: { path: '/mcp', name: 'Line 4' },
  name,
  title: null,
  description: null,
  inputSchema: null,
  annotations: {},
  requirement: { role: 'viewer', writes: false },
  rule: null,
  firstSeenAt: '2026-10-01T09:00:00.000Z',
  changedAt: null,
  lastSeenAt: '2026-11-23T08:00:00.000Z',
  gone: false,
  ...changes,
})

const rule = (name: string, changes: Partial<ToolRule>): ToolRule => ({
  server: '/mcp',
  tool: name,
  off: false,
  minimumRole: null,
  people: null,
  keepArguments: null,
  ...changes,
})

const listed = (tools: InstanceTool[], changes: Partial<InstanceTools> = {}): { body: InstanceTools } => ({
  body: {
    reportedAt: '2026-11-23T08:00:00.000Z',
    count: tools.length,
    tools,
    otherRules: [],
    rulesVersion: 'v1',
    people: [],
    mayEdit: true,
    ...changes,
  },
})

const READ = tool('read_metrics', { title: 'Read the metrics' })
const STOP = tool('stop_line', {
  requirement: { role: 'owner', writes: true },
  rule: rule('stop_line', { minimumRole: 'member' }),
})

async function open(tools: Answer, answers: Record<string, Answer> = {}): Promise<Call[]> {
  const members = [{ user: { ...BOB, email: '', suspended: false }, role: 'member', managedBy: null, overrides: [] }]
  const calls = answerWith({
    [GET]: tools,
    'GET /api/v1/instances': { body: { meta: {}, count: 1, instances: [{ id: 'i1', name: 'packer' }] } },
    'GET /api/v1/teams/t1/members': { body: { meta: {}, count: 1, members } },
    ...answers,
  })
  const props = () => ({ team: TEAM, instanceId: 'i1' })
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: InstanceToolsPage, props },
      { path: '/teams/:id', name: 'forge-pat-team', component: { template: '<p>The team</p>' } },
    ],
  })
  await router.push('/')
  wrapper = mount({ template: '<RouterView />' }, { attachTo: document.body, global: { plugins: [router] } })
  await flushPromises()
  return calls
}

async function click(role: 'button' | 'checkbox' | 'link', name: string | RegExp): Promise<void> {
  find(role, name).click()
  await flushPromises()
}

/** Switches a tool off, on the page alone. */
async function switchOff(name: string): Promise<void> {
  await click('button', `Change the rule of ${name}`)
  await click('checkbox', 'Switched off')
  await click('button', 'Apply')
}

async function save(): Promise<void> {
  await click('button', 'Look at the changes and save')
  await click('button', 'Save rules')
}

const puts = (calls: Call[]) => calls.filter(({ method }) => method === 'PUT')

describe('the tools', () => {
  it('are shown with what they do, the role they ask for and the rule about them', async () => {
    await open(listed([READ, STOP]))
    expect(find('heading', 'Tools of packer')).toBeDefined()
    expect(find('row', /read_metrics/).textContent).toMatch(/Read the metrics.*Reads.*Viewer.*no rule/)
    expect(find('row', /stop_line/).textContent).toMatch(/May destroy.*Owner.*from Member on/)
  })

  it('are marked when they are new, changed or gone, but not when they came with the first report', async () => {
    const late = '2026-11-22T09:00:00.000Z'
    await open(
      listed([
        READ,
        tool('fresh', { firstSeenAt: late }),
        tool('other', { changedAt: late }),
        tool('lost', { gone: true, firstSeenAt: late }),
      ]),
    )
    expect(find('row', /fresh/).textContent).toContain('New')
    expect(find('row', /other/).textContent).toContain('Changed')
    expect(find('row', /lost/).textContent).toContain('Gone')
    expect(find('row', /lost/).textContent).not.toContain('New')
    expect(find('row', /read_metrics/).textContent).not.toMatch(/New|Changed/)
  })

  it('are for reading only to those who are no owners', async () => {
    const calls = await open(listed([READ], { mayEdit: false }))
    expect(pageText()).toContain('Only owners can change the rules.')
    expect(has('button', 'Change the rule of read_metrics')).toBe(false)
    expect(calls.some(({ path }) => path.endsWith('members'))).toBe(false)
  })

  it('are not there yet: the page says how to connect the instance', async () => {
    await open(listed([], { reportedAt: null }))
    expect(pageText()).toContain('The instance has not reported any tools yet')
    expect(pageText()).toContain('FORGE_PROJECT_TOKEN')
  })

  it('cannot be loaded, and say why', async () => {
    await open({ status: 404, body: { code: 'not_found', error: 'There is no such instance that you may see.' } })
    expect(find('alert', /There is no such instance that you may see\./)).toBeDefined()
  })
})

describe('a rule', () => {
  it('is saved with all others after a look at what changes, by the version that was read', async () => {
    const after = listed([{ ...READ, rule: rule('read_metrics', { off: true }) }, STOP], { rulesVersion: 'v2' })
    const answers = [listed([READ, STOP]), after]
    const calls = await open(() => answers.shift() ?? after, { [PUT]: { body: { rules: [] } } })
    await switchOff('read_metrics')
    expect(pageText()).toContain('1 change not saved yet.')
    expect(puts(calls)).toEqual([])

    await click('button', 'Look at the changes and save')
    expect(find('dialog', /Save 1 change of the rules/).textContent).toMatch(/read_metrics.*no rule.*→.*off/)
    await click('button', 'Save rules')
    expect(puts(calls)[0]).toMatchObject({
      body: { rules: [STOP.rule, rule('read_metrics', { off: true })] },
      headers: { 'if-match': '"v1"' },
    })
    expect(document.activeElement?.textContent).toBe('Tools of packer')
    expect(pageText()).toContain('Nothing is changed.')
  })

  it('names people and keeps arguments without some fields', async () => {
    const calls = await open(listed([READ]), { [PUT]: { body: { rules: [] } } })
    await click('button', 'Change the rule of read_metrics')
    await click('checkbox', 'Only these people')
    await click('button', 'Apply')
    expect(find('alert', 'Choose who may call it, or switch it off.')).toBeDefined()

    await click('checkbox', 'Bob Berger')
    await click('checkbox', 'Keep the arguments of calls')
    const redact = field(/^Fields that are left out/)
    redact.value = 'password, apiKey'
    redact.dispatchEvent(new Event('input'))
    await click('button', 'Apply')
    await save()
    expect(puts(calls)[0]?.body).toEqual({
      rules: [rule('read_metrics', { people: ['u2'], keepArguments: { redact: ['password', 'apiKey'] } })],
    })
  })

  it('that says nothing any more is left out', async () => {
    const calls = await open(listed([STOP]), { [PUT]: { body: { rules: [] } } })
    await click('button', 'Change the rule of stop_line')
    const role = find('field', 'Least role that may call it') as HTMLSelectElement
    role.value = ''
    role.dispatchEvent(new Event('change'))
    await click('button', 'Apply')
    await save()
    expect(puts(calls)[0]?.body).toEqual({ rules: [] })
  })

  it('can be put back before it is saved', async () => {
    await open(listed([READ]))
    await switchOff('read_metrics')
    await click('button', 'Discard changes')
    expect(find('row', /read_metrics/).textContent).toContain('no rule')
    expect(pageText()).toContain('Nothing is changed.')
  })

  it('stays, with the reason, when saving is refused', async () => {
    await open(listed([READ]), { [PUT]: { status: 403, body: { code: 'forbidden', error: 'Only owners decide.' } } })
    await switchOff('read_metrics')
    await save()
    expect(find('alert', 'Only owners decide.')).toBeDefined()
    expect(find('row', /read_metrics/).textContent).toContain('Not saved yet')
  })
})

it('says that another owner was faster, and puts the changes on top of theirs', async () => {
  const theirs = listed([{ ...READ, rule: rule('read_metrics', { minimumRole: 'owner' }) }, STOP], {
    rulesVersion: 'v2',
  })
  const lists = [listed([READ, STOP])]
  const saves = [CONFLICT, { body: { rules: [] } }]
  const calls = await open(() => lists.shift() ?? theirs, {
    [PUT]: () => (saves.shift() ?? {}) as { status?: number },
  })
  await switchOff('read_metrics')
  await save()
  expect(find('alert', /Another owner has changed the rules since you opened this page/)).toBeDefined()
  expect(has('button', 'Look at the changes and save')).toBe(false)

  await click('button', 'Read the rules anew')
  await click('button', 'Look at the changes and save')
  expect(find('dialog', /Save 1 change/).textContent).toMatch(/from Owner on.*→.*off/)
  await click('button', 'Save rules')
  expect(puts(calls)[1]).toMatchObject({
    headers: { 'if-match': '"v2"' },
    body: { rules: [rule('read_metrics', { off: true }), STOP.rule] },
  })
})

describe('leaving', () => {
  it('is asked about while something is not saved', async () => {
    await open(listed([READ]))
    await switchOff('read_metrics')
    await router.push('/teams/t1')
    await flushPromises()
    expect(find('dialog', /Leave without saving the rules\?/).textContent).toContain('1 change would be lost.')
    await click('button', 'Leave')
    expect(pageText()).toContain('The team')
  })

  it('is free when nothing is', async () => {
    await open(listed([READ]))
    await click('link', 'All instances of Line 4')
    expect(pageText()).toContain('The team')
  })
})

it('lists rules about tools that were never reported', async () => {
  await open(listed([READ], { otherRules: [rule('early', { off: true })] }))
  expect(pageText()).toMatch(/Rules about tools that were never reported.*early.*off/)
})
