import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Token } from '../../../../forge/contract/token.ts'
import type { TokenTool } from '../../../../forge/contract/tool-registry.ts'
import TokenDrawer from '../../../../frontend/components/drawer/TokenDrawer.vue'
import { listTargets } from '../../../../frontend/domain/reach.ts'
import { callPage, toolCall } from '../../support/call-samples.ts'
import { answerWith, type Answer, type Call } from '../../support/forge.ts'
import { createTestRouter } from '../../support/router.ts'
import { NOW, TARGETS, token, use } from '../../support/samples.ts'
import { find, has, pageText } from '../../support/screen.ts'

let wrapper: VueWrapper
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const USAGE = {
  days: [
    { day: '2026-11-21', uses: 0 },
    { day: '2026-11-22', uses: 30 },
    { day: '2026-11-23', uses: 12 },
  ],
}

async function open(changes: Partial<Token> = {}, answers: Record<string, Answer> = {}): Promise<Call[]> {
  const calls = answerWith({ 'GET /api/v1/tokens/k1/usage': { body: USAGE }, ...answers })
  const props = {
    token: token(changes),
    successor: undefined,
    targets: listTargets(TARGETS),
    now: NOW,
    linkTo: (id: string) => ({ query: { token: id } }),
  }
  wrapper = mount(TokenDrawer, { props, attachTo: document.body, global: { plugins: [createTestRouter()] } })
  await flushPromises()
  return calls
}

async function openTab(name: string): Promise<void> {
  find('tab', name).dispatchEvent(new MouseEvent('mousedown', { button: 0, bubbles: true }))
  await flushPromises()
}

async function choose(label: string, value: string): Promise<void> {
  const select = find('field', label) as HTMLSelectElement
  select.value = value
  select.dispatchEvent(new Event('change'))
  await flushPromises()
}

const bodies = (calls: Call[], method: string) => calls.filter((call) => call.method === method).map(({ body }) => body)

describe('the overview', () => {
  it('begins at the name and says what limits the token', async () => {
    await open({ lastUse: use('2026-11-23T07:00:00.000Z', 'packer', 'claude-code 2.1') })
    expect(document.activeElement?.textContent).toBe('Claude Code')
    for (const words of ['packer', 'Viewer', 'Read-only', 'ffpat_4hPq0ZcT7mRk_', 'claude-code 2.1', '2 hours ago']) {
      expect(pageText()).toContain(words)
    }
  })

  it('shows the use of each day, in a sentence as well', async () => {
    await open()
    expect(has('image', '42 uses on 2 days, most on Nov 22 (30).')).toBe(true)
    expect([...document.querySelectorAll('svg title')].map(({ textContent }) => textContent)).toEqual([
      'Nov 21: 0 uses',
      'Nov 22: 30 uses',
      'Nov 23: 12 uses',
    ])
  })

  it.each([
    ['pending', 'Works on production once an owner of Line 4 approves it.'],
    ['denied', 'An owner of Line 4 has refused it for production. It works elsewhere.'],
  ] as const)('says what an approval that is %s means', async (state, words) => {
    await open({ approvals: [{ teamId: 't1', teamName: 'Line 4', state }] })
    expect(pageText()).toContain(words)
  })

  it('says why a token has ended, and offers another one like it and nothing else', async () => {
    await open({ state: 'revoked', revokedAt: '2026-11-21T09:00:00.000Z', endReason: 'leaked' })
    expect(pageText()).toContain('It was revoked because its text leaked.')
    const actions = find('group', 'Actions for Claude Code')
    expect(actions.textContent.trim()).toBe('Mint one like it')
  })

  it('says which program or instance it was issued to, and lets one that was exchanged be revoked alone', async () => {
    await open({ issuedVia: 'device', issuedTo: { id: 'forge-pat', name: 'forge-pat command' } })
    expect(pageText()).toMatch(/Issued to ?forge-pat command ?By its code/)
    expect(has('link', 'Edit')).toBe(true)
    wrapper.unmount()

    await open({ issuedVia: 'exchange', issuedTo: { id: 'i1', name: 'packer' }, parentId: 'k0' })
    expect(pageText()).toMatch(/Issued to ?packer ?In exchange for another token/)
    expect(has('button', 'Revoke')).toBe(true)
    for (const action of ['Edit', 'Replace', 'Duplicate']) expect(has('link', action)).toBe(false)
  })

  it('leads to what can be done about it', async () => {
    await open()
    expect(['Edit', 'Replace', 'Duplicate'].map((name) => has('link', name))).toEqual([true, true, true])
    find('button', 'Revoke').click()
    expect(wrapper.emitted('revoke')).toHaveLength(1)
  })
})

describe('its health', () => {
  it('mends a token that never ends by one click, within what the team allows', async () => {
    const calls = await open({ expiresAt: null }, { 'PATCH /api/v1/tokens/k1': { body: token() } })
    find('button', 'Let it end').click()
    await flushPromises()
    expect(bodies(calls, 'PATCH')).toEqual([{ expiresAt: '2027-02-21T09:00:00.000Z' }])
    expect(find('status', 'It ends by itself now.')).toBeDefined()
    expect(wrapper.emitted('changed')).toHaveLength(1)
  })

  it('says what was refused and leaves the rest as it is', async () => {
    await open(
      { expiresAt: null },
      { 'PATCH /api/v1/tokens/k1': { status: 503, body: { code: 'unavailable', error: 'Not now.' } } },
    )
    find('button', 'Let it end').click()
    await flushPromises()
    expect(find('alert', 'Not now.')).toBeDefined()
    expect(wrapper.emitted('changed')).toBeUndefined()
  })
})

describe('shrinking it to what it was used for', () => {
  const used = {
    body: {
      calls: 12,
      instances: 1,
      tools: 2,
      clients: 1,
      networks: 1,
      shrink: { grants: [{ type: 'instance', id: 'i1' }], tools: ['read_metrics', 'whoami'], readOnly: true },
    },
  }
  const wide: Partial<Token> = {
    grants: [{ type: 'application', id: 'a1', name: 'Packaging' }],
    role: 'member',
    readOnly: false,
  }

  it('asks first, and says what goes', async () => {
    const calls = await open(wide, { 'GET /api/v1/tokens/k1/used': used, 'PATCH /api/v1/tokens/k1': { body: token() } })
    expect(pageText()).toContain('12 calls of 2 tools at 1 instance.')
    find('button', 'Shrink it to that').click()
    await flushPromises()
    const dialog = find('dialog', /^Shrink “Claude Code”/)
    for (const words of ['beside packer.', 'beside read_metrics, whoami.', 'Writing.', 'refused from then on']) {
      expect(dialog.textContent).toContain(words)
    }
    expect(bodies(calls, 'PATCH')).toEqual([])

    const buttons = [...dialog.querySelectorAll('button')]
    buttons.find(({ textContent }) => textContent.trim() === 'Shrink it to that')?.click()
    await flushPromises()
    expect(bodies(calls, 'PATCH')).toEqual([used.body.shrink])
    expect(find('status', /It can do what it did/)).toBeDefined()
    expect(wrapper.emitted('changed')).toHaveLength(1)
  })

  it('is not offered where there is nothing to take away', async () => {
    await open(wide, { 'GET /api/v1/tokens/k1/used': { body: { ...used.body, shrink: null } } })
    expect(has('button', 'Shrink it to that')).toBe(false)
  })

  it('tells of several networks and clients, which only the log of calls knows', async () => {
    const spread = { body: { ...used.body, shrink: null, clients: 2, networks: 3 } }
    await open({}, { 'GET /api/v1/tokens/k1/used': spread })
    expect(pageText()).toContain('It was used from several networks lately')
    expect(has('link', 'Split it')).toBe(true)
    expect(pageText()).toContain('80 of 100')
  })
})

describe('what it may do', () => {
  const rules = [
    { rule: 'token_not_revoked', holds: true, reason: null },
    { rule: 'tool_role', holds: false, reason: 'This tool needs the role owner.' },
    { rule: 'a_new_rule', holds: true, reason: null },
  ]
  const explained = {
    body: {
      instance: { id: 'i1', name: 'packer' },
      allowed: false,
      role: null,
      readOnly: false,
      mcpOnly: false,
      summary: 'It does not.',
      rules,
    },
  }
  const ask = async () => {
    const calls = await open({}, { 'POST /api/v1/tokens/k1/explain': explained })
    await openTab('What it may do')
    return calls
  }

  it('is asked about the first instance in its reach, and answered rule by rule', async () => {
    expect(bodies(await ask(), 'POST')).toEqual([{ instanceId: 'i1' }])
    for (const words of [
      'Refused packer',
      'It does not.',
      'YesThe token was not revoked',
      'NoIts role is enough for the tool, where it calls one This tool needs the role owner.',
      'a new rule',
    ]) {
      expect(pageText().replace(/[✓✗] ?/g, '')).toContain(words)
    }
  })

  it('is asked anew about another instance, and about a kind of tool', async () => {
    const calls = await ask()
    await choose('At which instance?', 'i3')
    await choose('To do what?', 'destroy')
    expect(bodies(calls, 'POST').slice(1)).toEqual([
      { instanceId: 'i3' },
      { instanceId: 'i3', tool: { readOnlyHint: false, destructiveHint: true } },
    ])
  })
})

it('has a history, read when somebody looks', async () => {
  const calls = await open({}, { 'GET /api/v1/tokens/k1/audit-log': { body: { meta: {}, count: 0, log: [] } } })
  expect(calls.some(({ path }) => path.endsWith('audit-log'))).toBe(false)
  await openTab('History')
  expect(pageText()).toContain('Nothing has been written down about it yet.')
})

describe('its tools', () => {
  const TOOLS = 'GET /api/v1/tokens/k1/tools'
  const tool = (name: string, changes: Partial<TokenTool> = {}): TokenTool => ({
    instance: { id: 'i1', name: 'packer' },
    server: { path: '/mcp', name: 'Line 4' },
    name,
    title: null,
    writes: false,
    allowed: true,
    reason: null,
    sinceMinted: null,
    lastCalledAt: null,
    ...changes,
  })

  it('are those that it can call and those that it can not, with the reason', async () => {
    const tools = [
      tool('read_metrics', { lastCalledAt: '2026-11-23T07:00:00.000Z' }),
      tool('stop_line', { writes: true, allowed: false, reason: 'This token is read-only.', sinceMinted: 'new' }),
    ]
    const calls = await open({}, { [TOOLS]: { body: { count: 2, tools } } })
    expect(calls.some(({ path }) => path.endsWith('/tools'))).toBe(false)
    await openTab('Tools')
    expect(pageText()).toContain('It can call 1 of 2 tools where it reaches now.')
    expect(pageText()).toMatch(/packer, Line 4 ?read_metrics ?Can call.*Only reads, last called 2 hours ago/)
    expect(pageText()).toMatch(/stop_line ?Can not call ?New since it was minted.*This token is read-only\./)
  })

  it('are said to be more than are listed', async () => {
    await open({}, { [TOOLS]: { body: { count: 900, tools: [tool('read_metrics')] } } })
    await openTab('Tools')
    expect(pageText()).toContain('Only 1 of 900 tools are listed.')
  })

  it.each([
    ['are none yet', { body: { count: 0, tools: [] } }, 'No instance in its reach has reported any tools.'],
    ['can not be loaded', { status: 503, body: { code: 'unavailable', error: 'Not now.' } }, 'Not now.'],
  ])('%s', async (_name, answer, words) => {
    await open({}, { [TOOLS]: answer })
    await openTab('Tools')
    expect(pageText()).toContain(words)
  })
})

describe('its calls', () => {
  const CALLS = 'GET /api/v1/tokens/k1/calls'

  it('are read when somebody looks, and older ones on demand', async () => {
    const pages = [callPage([toolCall()], 'next'), callPage([toolCall({ id: 'c2', tool: 'stop_line' })])]
    const calls = await open({}, { [CALLS]: () => pages.shift() ?? {} })
    await openTab('Calls')
    expect(find('row', /read_metrics/).textContent).toMatch(/Done.*42 ms/)
    find('button', 'Show older calls').click()
    await flushPromises()
    expect(find('row', /stop_line/)).toBeDefined()
    expect(calls.at(-1)?.query).toMatchObject({ cursor: ['next'] })
  })

  it('are none yet', async () => {
    await open({}, { [CALLS]: callPage([]) })
    await openTab('Calls')
    expect(pageText()).toContain('It has called no tool yet')
  })
})
