import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import TeamCallsPage from '../../../frontend/pages/TeamCallsPage.vue'
import { callPage, toolCall } from '../support/call-samples.ts'
import { answerWith, type Answer, type Call } from '../support/forge.ts'
import { TEAM } from '../support/oversight-samples.ts'
import { NOW } from '../support/samples.ts'
import { field, find, has, pageText } from '../support/screen.ts'

const CALLS = 'GET /api/v1/teams/t1/calls'
const DAYS = 'GET /api/v1/teams/t1/calls/days'
const REFUSED = toolCall({ id: 'c2', tool: 'stop_line', outcome: 'refused', reason: 'tool_role', durationMs: 3_400 })

let wrapper: VueWrapper
let router: Router
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function open(answers: Record<string, Answer>, address = '/'): Promise<Call[]> {
  const calls = answerWith({
    [DAYS]: { body: { days: [{ day: '2026-11-23', ok: 5, toolErrors: 0, refused: 2 }] } },
    'GET /api/v1/instances': { body: { meta: {}, count: 1, instances: [{ id: 'i1', name: 'packer' }] } },
    ...answers,
  })
  const props = () => ({ team: TEAM })
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: TeamCallsPage, props }] })
  await router.push(address)
  wrapper = mount({ template: '<RouterView />' }, { attachTo: document.body, global: { plugins: [router] } })
  await flushPromises()
  return calls
}

async function choose(label: string, value: string): Promise<void> {
  const control = find('field', label) as HTMLInputElement
  control.value = value
  control.dispatchEvent(new Event('change'))
  await flushPromises()
}

const queries = (calls: Call[]) => calls.filter(({ path }) => path.endsWith('/calls')).map(({ query }) => query)

describe('the calls', () => {
  it('say who called what with which token, and what came of it', async () => {
    await open({ [CALLS]: callPage([toolCall(), REFUSED]) })
    expect(find('row', /read_metrics/).textContent).toMatch(
      /just now.*bob.*Claude Code.*read_metrics.*packer.*Done.*42 ms.*claude-code 2\.1/,
    )
    expect(find('row', /stop_line/).textContent).toMatch(/Refused.*The role was not enough\..*3\.4 s/)
  })

  it('show the arguments that a rule keeps', async () => {
    await open({ [CALLS]: callPage([toolCall({ arguments: { speed: 7 } })]) })
    expect(pageText()).toContain('"speed": 7')
  })

  it('are counted by day, in a sentence as well', async () => {
    await open({ [CALLS]: callPage([toolCall()]) })
    expect(has('image', '7 calls in the last 30 days, 2 refused.')).toBe(true)
  })

  it('are whole without the count by day', async () => {
    await open({ [CALLS]: callPage([toolCall()]), [DAYS]: { status: 503, body: { code: 'x', error: 'Not now.' } } })
    expect(find('row', /read_metrics/)).toBeDefined()
    expect(has('alert', /Not now/)).toBe(false)
  })

  it('are said to be more than the forge counts', async () => {
    await open({ [CALLS]: { body: { ...callPage([toolCall()]).body, count: 10_001 } } })
    expect(pageText()).toContain('More than 10,000 calls')
  })

  it('go on with older ones on demand', async () => {
    const pages = [callPage([toolCall()], 'next'), callPage([REFUSED])]
    const calls = await open({ [CALLS]: () => pages.shift() ?? {} })
    find('button', 'Show older calls').click()
    await flushPromises()
    expect(find('row', /stop_line/)).toBeDefined()
    expect(queries(calls)[1]).toMatchObject({ cursor: ['next'] })
    expect(has('button', 'Show older calls')).toBe(false)
  })

  it('cannot be loaded, and say why', async () => {
    await open({ [CALLS]: { status: 503, body: { code: 'unavailable', error: 'Not now.' } } })
    expect(find('alert', /Not now\./)).toBeDefined()
  })

  it('are not there yet', async () => {
    await open({ [CALLS]: callPage([]) })
    expect(pageText()).toContain('No tool was called yet')
  })
})

describe('the filters', () => {
  it('are kept in the address and asked for', async () => {
    const calls = await open({ [CALLS]: callPage([toolCall()]) })
    await choose('Instance', 'i1')
    await choose('Outcome', 'refused')
    await choose('Tool', 'stop_line')
    await choose('Person', 'bob')
    expect(router.currentRoute.value.query).toEqual({
      instance: 'i1',
      outcome: 'refused',
      tool: 'stop_line',
      person: 'bob',
    })
    expect(queries(calls).at(-1)).toEqual({
      username: ['bob'],
      instanceId: ['i1'],
      tool: ['stop_line'],
      outcome: ['refused'],
      limit: ['50'],
    })
  })

  it('narrow to a token of the calls that are shown, and to a server, page after page', async () => {
    const other = toolCall({ id: 'c3', token: { id: 'k2', name: 'Cursor' }, user: { id: 'u3', username: 'eve' } })
    const calls = await open({ [CALLS]: callPage([toolCall(), other], 'next') })
    const options = [...find('field', 'Token').querySelectorAll('option')].map(({ textContent }) => textContent)
    expect(options).toEqual(['Any', 'Claude Code, bob', 'Cursor, eve'])

    await choose('Token', 'k2')
    await choose('Server', 'mcp')
    expect(router.currentRoute.value.query).toEqual({ token: 'k2', server: 'mcp' })
    find('button', 'Show older calls').click()
    await flushPromises()
    const where = { tokenId: ['k2'], server: ['/mcp'], limit: ['50'] }
    expect(queries(calls).slice(-2)).toEqual([where, { ...where, cursor: ['next'] }])
  })

  it('keep a token that is in the address, and leave out what can be no server', async () => {
    const calls = await open({ [CALLS]: callPage([]) }, '/?token=k9&server=a%20b')
    expect((find('field', 'Token') as HTMLSelectElement).value).toBe('k9')
    expect(queries(calls)[0]).toEqual({ tokenId: ['k9'], limit: ['50'] })
  })

  it('hold for what is downloaded', async () => {
    await open({ [CALLS]: callPage([toolCall()]) }, '/?outcome=refused&from=2026-11-22')
    const link = find('link', 'JSON lines') as HTMLAnchorElement
    const { pathname, searchParams } = new URL(link.href)
    expect(pathname).toBe('/api/v1/teams/t1/calls')
    expect(Object.fromEntries(searchParams)).toEqual({
      outcome: 'refused',
      from: new Date('2026-11-22T00:00:00').toISOString(),
      format: 'jsonl',
    })
  })

  it('are cleared when nothing matches', async () => {
    await open({ [CALLS]: callPage([]) }, '/?person=nobody')
    expect(field('Person').value).toBe('nobody')
    find('button', 'Clear the filters').click()
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({})
  })
})
