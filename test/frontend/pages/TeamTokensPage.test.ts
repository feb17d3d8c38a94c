import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { TeamToken } from '../../../forge/contract/oversight.ts'
import type { TokenTool } from '../../../forge/contract/tool-registry.ts'
import { useAnnouncer } from '../../../frontend/composables/useAnnouncer.ts'
import TeamTokensPage from '../../../frontend/pages/TeamTokensPage.vue'
import { answerWith, type Answer, type Call } from '../support/forge.ts'
import { TEAM, teamToken } from '../support/oversight-samples.ts'
import { NOW } from '../support/samples.ts'
import { field, find, has, pageText } from '../support/screen.ts'

const TOKENS = 'GET /api/v1/teams/t1/tokens'
const NO_MEMBERS: Answer = { body: { meta: {}, count: 0, members: [] } }

let wrapper: VueWrapper
let router: Router

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const page = (tokens: TeamToken[], next?: string): Answer => ({
  body: { meta: next ? { next_cursor: next } : {}, count: tokens.length, tokens },
})

async function open(answers: Record<string, Answer>, address = '/'): Promise<Call[]> {
  const calls = answerWith({ 'GET /api/v1/teams/t1/members': NO_MEMBERS, ...answers })
  const own = { components: { TeamTokensPage }, setup: () => ({ TEAM }), template: '<TeamTokensPage :team="TEAM" />' }
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: own }] })
  await router.push(address)
  wrapper = mount({ template: '<RouterView />' }, { attachTo: document.body, global: { plugins: [router] } })
  await flushPromises()
  return calls
}

const asked = (calls: Call[]) => calls.filter(({ path }) => path.endsWith('/t1/tokens')).map(({ query }) => query)

async function click(name: string | RegExp): Promise<void> {
  find('button', name).click()
  await flushPromises()
}

async function choose(label: string, value: string): Promise<void> {
  const select = find('field', label) as HTMLSelectElement
  select.value = value
  select.dispatchEvent(new Event('change'))
  await flushPromises()
}

describe('the list', () => {
  it.each([
    [1, '1 token'],
    [10_000, '10,000 tokens'],
    [10_001, 'More than 10,000 tokens'],
  ])('says of %i that there are %s', async (count, words) => {
    await open({ [TOKENS]: { body: { meta: {}, count, tokens: [teamToken()] } } })
    expect(find('status', words)).toBeTruthy()
  })
})

describe('a token in the list', () => {
  it('is shown with its holder, its reach, what it can be here, its end and its last use', async () => {
    await open({ [TOKENS]: page([teamToken()]) })
    for (const words of [
      'Claude Code',
      'Bob Berger',
      'All of Packaging',
      'and later instances',
      'Viewer',
      'Read-only',
      'Member at most',
      'in 27 days',
      'at packer with claude-code 2.1',
    ]) {
      expect(pageText()).toContain(words)
    }
  })

  it('says why it is refused', async () => {
    const reason = 'The person is no member of the team.'
    await open({ [TOKENS]: page([teamToken({ access: { allowed: false, reason } })]) })
    expect(pageText()).toContain(reason)
  })

  it('shows the tools that it can call here, and which are new to it', async () => {
    const tool: TokenTool = {
      instance: { id: 'i1', name: 'packer' },
      server: { path: '/mcp', name: 'Line 4' },
      name: 'stop_line',
      title: null,
      writes: true,
      allowed: false,
      reason: 'This token is read-only.',
      sinceMinted: 'new',
      lastCalledAt: null,
    }
    const calls = await open({
      [TOKENS]: page([teamToken({ id: 'k1' })]),
      'GET /api/v1/teams/t1/tokens/k1/tools': { body: { count: 1, tools: [tool] } },
    })
    expect(calls.some(({ path }) => path.endsWith('/tools'))).toBe(false)

    await click('Tools of Claude Code of Bob Berger')
    expect(pageText()).toMatch(/Tools of “Claude Code” of Bob Berger.*stop_line ?Can not call ?New since it was minted/)

    await click('Close')
    expect(pageText()).not.toContain('stop_line')
  })

  it('cannot be revoked here twice', async () => {
    await open({ [TOKENS]: page([teamToken({ cutOff: true })]) })
    expect(pageText()).toContain('Revoked for this team')
    expect(has('button', /^Revoke Claude Code/)).toBe(false)
  })
})

describe('states', () => {
  it('says what is wrong and tries again', async () => {
    await open({ [TOKENS]: { status: 503, body: { code: 'unavailable', error: 'Try again in a moment.' } } })
    expect(find('alert', /Try again in a moment\./)).toBeDefined()

    answerWith({ [TOKENS]: page([teamToken()]) })
    await click('Try again')
    expect(pageText()).toContain('Claude Code')
  })

  it('says that no token reaches the team yet', async () => {
    await open({ [TOKENS]: page([]) })
    expect(has('heading', 'No token reaches this team yet')).toBe(true)
  })

  it('says that no token matches, and shows all again', async () => {
    await open({ [TOKENS]: page([]) }, '/?role=owner')
    expect(has('heading', 'No token matches')).toBe(true)

    await click('Clear the filters')
    expect(router.currentRoute.value.fullPath).toBe('/')
  })

  it('reads the next page on demand', async () => {
    const pages = [page([teamToken()], 'more'), page([teamToken({ id: 'k2', name: 'Cursor' })])]
    const calls = await open({ [TOKENS]: () => pages.shift() as { body: unknown } })
    await click('Show more tokens')
    expect(asked(calls)[1]?.['cursor']).toEqual(['more'])
    expect(pageText()).toContain('Cursor')
    expect(has('button', 'Show more tokens')).toBe(false)
  })
})

describe('filters', () => {
  it('begin with what has not ended', async () => {
    const calls = await open({ [TOKENS]: page([]) })
    expect(asked(calls)).toEqual([{ limit: ['50'], state: ['active', 'retiring'] }])
  })

  it('go into the address and into the question', async () => {
    const calls = await open({ [TOKENS]: page([teamToken()]) })
    await choose('State', 'any')
    await choose('Role, at most', 'owner')
    await choose('Holder', 'u2')
    find('checkbox', 'Not used for 30 days').click()
    await flushPromises()

    expect(router.currentRoute.value.query).toEqual({ state: 'any', role: 'owner', holder: 'u2', unused: '30' })
    expect(asked(calls).at(-1)).toEqual({
      limit: ['50'],
      role: ['owner'],
      holder: ['u2'],
      unusedSince: ['2026-10-24T09:00:00.000Z'],
    })
  })

  it('come from the address', async () => {
    const calls = await open({ [TOKENS]: page([teamToken()]) }, '/?query=claude&state=expired&role=king')
    expect(field('Search').value).toBe('claude')
    expect(asked(calls)).toEqual([{ limit: ['50'], query: ['claude'], state: ['expired'] }])
  })
})

describe('after revoking for the team', () => {
  it('says how many instances know it, as they confirm', async () => {
    vi.useRealTimers()
    vi.useFakeTimers({ now: NOW })
    const standing = (confirmed: number, waiting: number) => ({
      body: { revokedAt: '2026-11-23T09:00:00.000Z', confirmed, waiting, silent: 0, offline: 0, seconds: 0.34 },
    })
    const standings = [standing(3, 4), standing(7, 0)]
    await open({
      [TOKENS]: page([teamToken()]),
      'DELETE /api/v1/teams/t1/tokens/k1': { status: 204 },
      'GET /api/v1/teams/t1/tokens/k1/revocation': () => standings.shift() ?? standing(7, 0),
    })
    await click('Revoke Claude Code of Bob Berger for this team')
    await click('Revoke for this team')
    const said = () => find('status', /“Claude Code” of Bob Berger is revoked for this team\./).textContent
    expect(said()).toContain('Confirmed by 3 of 7 instances so far.')

    await vi.advanceTimersByTimeAsync(500)
    await flushPromises()
    expect(said()).toContain('Confirmed by 7 of 7 instances in 0.4 s.')

    await click('Close what instances say of the revocation')
    expect(pageText()).not.toContain('Confirmed by')
    expect(document.activeElement?.textContent).toContain('Tokens that reach this team')
  })
})

describe('revoking for the team', () => {
  const cut = 'Revoke Claude Code of Bob Berger for this team'

  it('says first what stops here and what goes on elsewhere', async () => {
    const calls = await open({ [TOKENS]: page([teamToken()]) })
    await click(cut)
    const dialog = find('dialog', /^Revoke “Claude Code”/).textContent
    expect(dialog).toContain('All of Packaging')
    expect(dialog).toContain('Elsewhere it goes on')
    expect(calls.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('reads the list again afterwards, and puts the focus on its heading', async () => {
    const calls = await open({ [TOKENS]: page([teamToken()]), 'DELETE /api/v1/teams/t1/tokens/k1': { status: 204 } })
    await click(cut)
    await click('Revoke for this team')
    const doings = calls.filter(({ path }) => !path.endsWith('/revocation'))
    expect(doings.slice(-3).map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual([
      'DELETE k1',
      'GET tokens',
      'GET token-health',
    ])
    expect(document.activeElement?.textContent).toBe('Tokens that reach this team')
  })

  it('stays open with the reason when it is refused', async () => {
    const refusal = { status: 404, body: { code: 'not_found', error: 'No such token reaches this team.' } }
    await open({ [TOKENS]: page([teamToken()]), 'DELETE /api/v1/teams/t1/tokens/k1': refusal })
    await click(cut)
    await click('Revoke for this team')
    expect(find('dialog', /^Revoke/).textContent).toContain('No such token reaches this team.')
  })
})

describe('revoking all of a person', () => {
  const SINCE = '2026-11-23T09:00:00.000Z'
  const revokeAll = async (revoked: number, progress: Answer = { status: 404 }) => {
    const calls = await open(
      {
        [TOKENS]: page([teamToken()]),
        'POST /api/v1/teams/t1/tokens/revoke': { body: { revoked, since: SINCE } },
        'GET /api/v1/teams/t1/tokens/revocation': progress,
      },
      '/?holder=u2',
    )
    await click('Revoke all of Bob Berger')
    await click('Revoke all of them')
    return calls
  }

  it('ends everything of the person who is filtered for, and says how many instances know it', async () => {
    const counts = { confirmed: 6, waiting: 0, silent: 0, offline: 1 }
    const calls = await revokeAll(2, { body: { revokedAt: SINCE, ...counts, seconds: 0.34 } })

    expect(calls.find(({ method }) => method === 'POST')?.body).toEqual({ userId: 'u2' })
    expect(calls.find(({ path }) => path.endsWith('/revocation'))?.query).toEqual({ holder: ['u2'], since: [SINCE] })
    const said = find('status', /2 tokens of Bob Berger are revoked for this team\./).textContent
    expect(said).toContain('Confirmed by 6 of 6 instances in 0.4 s.')
    expect(said).toContain('1 instance is not connected. It finds out within 10 seconds.')
    expect(document.activeElement?.textContent).toBe('Tokens that reach this team')
  })

  it('asks no instance where there was nothing to end', async () => {
    const calls = await revokeAll(0)
    expect(calls.some(({ path }) => path.endsWith('/revocation'))).toBe(false)
    expect(has('status', /are revoked/)).toBe(false)
    expect(useAnnouncer().message.value).toBe('No token of Bob Berger worked in this team any more.')
  })
})

describe('the health of the team', () => {
  const HEALTH = 'GET /api/v1/teams/t1/token-health'

  it('is its score in words and numbers, with what there is to mend', async () => {
    const findings = [{ finding: 'endless', tokens: 2 }]
    await open({ [TOKENS]: page([]), [HEALTH]: { body: { score: 71, tokens: 2300, lookedAt: 2000, findings } } })
    const region = find('region', 'Health of these tokens')
    for (const words of ['71 of 100', 'Fair', '2 tokens: never ends', 'Of the 2,000 newest.']) {
      expect(region.textContent).toContain(words)
    }
  })

  it('is not missed where it does not come', async () => {
    await open({ [TOKENS]: page([]), [HEALTH]: { status: 503 } })
    expect(pageText()).toContain('No token reaches this team yet')
  })
})
