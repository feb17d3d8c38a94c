import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Router } from 'vue-router'

import type { Revocation } from '../../../forge/contract/revocation.ts'
import type { Token } from '../../../forge/contract/token.ts'
import TokensPage from '../../../frontend/pages/TokensPage.vue'
import { answerWith as answer, type Answer, type Call } from '../support/forge.ts'
import { NOW, TARGETS, token, use } from '../support/samples.ts'
import { createTestRouter } from '../support/router.ts'
import { find, has, pageText } from '../support/screen.ts'

let wrapper: VueWrapper

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

let router: Router

/** The list, and what its owner may reach: the one beside the other on every visit. */
const answerWith = (answers: Record<string, Answer>): Call[] =>
  answer({
    'GET /api/v1/tokens/targets': { body: TARGETS },
    'GET /api/v1/tokens/sign-ins': { body: { signIns: [] } },
    'GET /api/v1/tokens/k1/usage': { body: { days: [] } },
    'GET /api/v1/tokens/k1/revocation': { body: REVOCATION },
    ...answers,
  })

const REVOCATION: Revocation = {
  revokedAt: '2026-11-23T09:00:00.000Z',
  ...{ confirmed: 7, waiting: 0, silent: 0, offline: 0, seconds: 0.34 },
}

const doings = (calls: Call[]) =>
  calls.filter(({ path }) => !/targets|usage|used|sign-ins|revocation/.test(path)).map(({ method }) => method)

async function open(path = '/tokens'): Promise<void> {
  router = createTestRouter()
  await router.push(path)
  wrapper = mount(TokensPage, { attachTo: document.body, global: { plugins: [router] } })
  await flushPromises()
  await vi.dynamicImportSettled()
  await flushPromises()
}

const page = (tokens: Token[], next?: string): Answer => ({
  body: { meta: next ? { next_cursor: next } : {}, count: tokens.length, tokens },
})
const click = async (name: string, role: 'button' | 'link' = 'button') => {
  find(role, name).click()
  await flushPromises()
}
/** The names of the listed tokens, from above. */
const listed = () => [...document.querySelectorAll('tbody th a')].map((link) => link.textContent)

describe('states', () => {
  it('says that it is loading', async () => {
    answerWith({ 'GET /api/v1/tokens': page([]) })
    wrapper = mount(TokensPage, { attachTo: document.body, global: { plugins: [createTestRouter()] } })
    expect(find('status', 'Loading your tokens…')).toBeDefined()
    expect(document.querySelector('[aria-busy="true"]')).not.toBeNull()
  })

  it('says what is wrong and tries again', async () => {
    answerWith({
      'GET /api/v1/tokens': { status: 503, body: { code: 'unavailable', error: 'Try again in a moment.' } },
    })
    await open()
    expect(find('alert', /Try again in a moment\./)).toBeDefined()

    answerWith({ 'GET /api/v1/tokens': page([token()]) })
    await click('Try again')
    expect(listed()).toEqual(['Claude Code'])
  })

  it('says what tokens are for when there is none', async () => {
    answerWith({ 'GET /api/v1/tokens': page([]) })
    await open()
    expect(has('heading', 'You have no access tokens yet')).toBe(true)
    expect(has('link', 'Mint your first token')).toBe(true)
  })

  it('reads a long list to its end', async () => {
    const pages = [page([token()], 'more'), page([token({ id: 'k2', name: 'Second page' })])]
    answerWith({ 'GET /api/v1/tokens': () => pages.shift() as { body: unknown } })
    await open()
    expect(listed()).toEqual(['Claude Code', 'Second page'])
  })

  it('lists what there is though nobody can tell what it is worth', async () => {
    answerWith({
      'GET /api/v1/tokens': page([token()]),
      'GET /api/v1/tokens/targets': { status: 503, body: { code: 'unavailable', error: 'Not now.' } },
    })
    await open()
    expect(listed()).toEqual(['Claude Code'])
    expect(pageText()).toContain('What your tokens are worth now could not be worked out. Not now.')
    expect(pageText()).not.toContain('Nothing now')
  })
})

describe('the cards', () => {
  const tokens = [
    token({ id: 'k1', name: 'In use', lastUse: use('2026-11-23T07:00:00.000Z', 'packer') }),
    token({ id: 'k2', name: 'Ends in a week', expiresAt: '2026-11-30T09:00:00.000Z' }),
    token({ id: 'k3', name: 'Forgotten', createdAt: '2026-09-01T09:00:00.000Z' }),
    token({ id: 'k4', name: 'Old laptop', state: 'revoked' }),
  ]

  it('count, filter, and keep the choice in the address', async () => {
    answerWith({ 'GET /api/v1/tokens': page(tokens) })
    await open()
    expect(listed()).toEqual(['In use', 'Ends in a week', 'Forgotten'])

    for (const [card, name, show] of [
      [/^Expiring ?1/, 'Ends in a week', 'expiring'],
      [/^Unused ?1/, 'Forgotten', 'unused'],
      [/^Ended ?1/, 'Old laptop', 'ended'],
    ] as const) {
      find('radio', card).click()
      await flushPromises()
      expect(listed()).toEqual([name])
      expect(router.currentRoute.value.query).toEqual({ show })
    }
  })

  it('keep what instances exchanged out of sight, on a card that is there when there is something on it', async () => {
    answerWith({ 'GET /api/v1/tokens': page(tokens) })
    await open()
    expect(has('radio', /^By instances/)).toBe(false)
    wrapper.unmount()

    const exchanged = token({ id: 'x1', name: 'In use for packer', issuedVia: 'exchange', parentId: 'k1' })
    answerWith({ 'GET /api/v1/tokens': page([exchanged, ...tokens]) })
    await open()
    expect(listed()).not.toContain('In use for packer')
    find('radio', /^By instances ?1/).click()
    await flushPromises()
    expect(listed()).toEqual(['In use for packer'])
  })

  it('follow the address that somebody was sent', async () => {
    answerWith({ 'GET /api/v1/tokens': page(tokens) })
    await open('/tokens?show=active&sort=name&query=in')
    expect(listed()).toEqual(['Ends in a week', 'Forgotten', 'In use'].filter((name) => /in/i.test(name)))
  })

  it('say where else a search finds something', async () => {
    answerWith({ 'GET /api/v1/tokens': page(tokens) })
    await open('/tokens?query=laptop')
    expect(pageText()).toContain('Nothing here matches “laptop”.')
    await click('1 is among the ended ones. Show it')
    expect(listed()).toEqual(['Old laptop'])
  })
})

describe('a row', () => {
  it('says what the token reaches, what it is worth, until when, and its last use with client', async () => {
    const grants = [{ type: 'application', id: 'a1', name: 'Packaging' }] as const
    const lastUse = use('2026-11-23T07:00:00.000Z', 'packer', 'claude-code 2.1')
    answerWith({ 'GET /api/v1/tokens': page([token({ grants: [...grants], lastUse })]) })
    await open()
    const row = find('row', /Claude Code/).textContent
    for (const words of [
      'All of Packaging',
      'and later instances',
      'Viewer',
      'Read-only',
      'in 27 days',
      '2 hours ago',
    ]) {
      expect(row).toContain(words)
    }
    expect(row).toContain('at packer by claude-code 2.1')
    const times = [...document.querySelectorAll('tbody time')].map((time) => time.getAttribute('datetime'))
    expect(times).toEqual(['2026-12-20T09:00:00.000Z', '2026-11-23T07:00:00.000Z'])
  })

  it('says when the role is capped by what its owner is now', async () => {
    answerWith({ 'GET /api/v1/tokens': page([token({ role: 'owner', readOnly: false })]) })
    await open()
    expect(find('row', /Claude Code/).textContent).toContain('Capped now: Member')
  })

  it('draws fifty at first, and more when asked', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => token({ id: `k${index}`, name: `Token ${index}` }))
    answerWith({ 'GET /api/v1/tokens': page(many) })
    await open()
    expect(listed()).toHaveLength(50)
    await click('Show 50 more')
    expect(listed()).toHaveLength(100)
  })
})

describe('revoking', () => {
  const used = token({
    grants: [
      { type: 'application', id: 'a1', name: 'Packaging' },
      { type: 'instance', id: 'i3', name: 'meter' },
    ],
    lastUse: { at: '2026-11-23T07:00:00.000Z', instanceId: 'i3', instanceName: 'meter', client: null, address: null },
  })

  async function openDialog(answers: Record<string, Answer>) {
    const calls = answerWith({ 'GET /api/v1/tokens': page([used]), ...answers })
    await open('/tokens?token=k1')
    await click('Revoke')
    return calls
  }

  it('asks first, and says what stops working and when it was used last', async () => {
    const calls = await openDialog({})
    const dialog = find('dialog', 'Revoke “Claude Code”?').textContent
    for (const words of ['All of Packaging', 'meter', 'It was last used 2 hours ago at meter']) {
      expect(dialog).toContain(words)
    }
    expect(doings(calls)).toEqual(['GET'])
  })

  it('reads the list again afterwards', async () => {
    const calls = await openDialog({ 'DELETE /api/v1/tokens/k1': { status: 204 } })
    await click('Revoke token')
    expect(doings(calls)).toEqual(['GET', 'DELETE', 'GET'])
    expect(has('dialog', /Revoke/)).toBe(false)
  })

  describe('says how many instances know it', () => {
    const revokeWith = async (...standings: (Partial<Revocation> | null)[]) => {
      vi.useRealTimers()
      vi.useFakeTimers({ now: NOW })
      const answers = standings.map((standing) =>
        standing
          ? { body: { ...REVOCATION, ...standing } }
          : { status: 503, body: { code: 'unavailable', error: 'Away.' } },
      )
      const calls = await openDialog({
        'DELETE /api/v1/tokens/k1': { status: 204 },
        'GET /api/v1/tokens/k1/revocation': () => (answers.length > 1 ? answers.shift() : answers[0]) ?? {},
      })
      await click('Revoke token')
      return () => calls.filter(({ path }) => path.endsWith('/revocation')).length
    }
    const later = async (ms: number) => {
      await vi.advanceTimersByTimeAsync(ms)
      await flushPromises()
    }
    const said = () =>
      find('status', /“Claude Code” is revoked\./)
        .textContent.replace(/\s+/g, ' ')
        .trim()

    it('as they confirm, and stops asking when all have', async () => {
      const asked = await revokeWith({ confirmed: 3, waiting: 4, seconds: 0.1 }, {})
      expect(said()).toContain('Confirmed by 3 of 7 instances so far.')

      await later(500)
      expect(said()).toContain('“Claude Code” is revoked. Confirmed by 7 of 7 instances in 0.4 s.')
      await later(60_000)
      expect(asked()).toBe(2)
    })

    it('and what of those that cannot confirm, or are away', async () => {
      await revokeWith({ confirmed: 1, silent: 1, offline: 2, seconds: 0.001 })
      expect(said()).toContain('Confirmed by 1 of 1 instance in 0.1 s.')
      expect(said()).toContain('1 instance was told, but is too old to confirm.')
      expect(said()).toContain('2 instances are not connected. They find out within 10 seconds.')
    })

    it('and what of those that do not confirm, after ten seconds', async () => {
      const asked = await revokeWith({ confirmed: 6, waiting: 1 })
      await later(10_000)
      expect(said()).toContain('Confirmed by 6 of 7 instances so far.')
      expect(said()).toContain('1 instance was told and has not confirmed. It finds out within 30 seconds by itself.')
      const before = asked()
      await later(60_000)
      expect(asked()).toBe(before)
    })

    it('also when none is there to be told', async () => {
      await revokeWith({ confirmed: 0, seconds: null })
      expect(said()).toContain('There is no instance that has to be told.')
    })

    it('also when none is connected', async () => {
      await revokeWith({ confirmed: 0, offline: 1, seconds: null })
      expect(said()).toContain('The instance concerned is not connected.')
    })

    it('until it is closed', async () => {
      await revokeWith({})
      await click('Close what instances say of the revocation')
      expect(has('status', /is revoked/)).toBe(false)
      expect(document.activeElement?.tagName).toBe('H1')
    })

    it('and that it is not known when the forge cannot tell', async () => {
      await revokeWith(null)
      expect(said()).toContain('Asking the instances…')
      await later(20_000)
      expect(said()).toContain('Which instances know of it could not be asked. They find out within 30 seconds.')
    })
  })

  it('stays open with the reason when it is refused', async () => {
    await openDialog({
      'DELETE /api/v1/tokens/k1': { status: 500, body: { code: 'unexpected_error', error: 'Not now.' } },
    })
    await click('Revoke token')
    expect(find('dialog', 'Revoke “Claude Code”?').textContent).toContain('Not now.')
  })
})

describe('a token that is being replaced', () => {
  const old = token({
    state: 'retiring',
    rotation: { replaces: null, replacedBy: 'k2', retiresAt: '2026-11-23T09:15:00.000Z', retiresOnFirstUse: true },
    lastUse: use('2026-11-23T08:00:00.000Z', 'meter', 'claude-code 2.1'),
  })
  const successor = token({
    id: 'k2',
    selector: 'NEWnewNEWnew',
    rotation: { ...token().rotation, replaces: 'k1' },
    lastUse: use('2026-11-23T07:00:00.000Z', 'packer', 'cursor'),
  })

  it('says until when it works, which of the two was used last, and leads to the new one', async () => {
    answerWith({ 'GET /api/v1/tokens': page([successor, old]) })
    await open('/tokens?token=k1')
    expect(pageText()).toContain('until the new one is first used, at the latest until')
    expect(pageText()).toContain('Used last: the old one, 1 hour ago')
    expect(pageText()).toContain('at meter by claude-code 2.1')
    expect(find('link', 'Go to the new one, NEWnewNEWnew').getAttribute('href')).toContain('token=k2')
  })

  it('can be told from the new one by its name', async () => {
    answerWith({ 'GET /api/v1/tokens': page([successor, old]) })
    await open()
    expect(listed().sort()).toEqual(['Claude Code', 'Claude Code (old)'])
  })

  it('ends at once when its owner says so twice', async () => {
    const calls = answerWith({
      'GET /api/v1/tokens': page([successor, old]),
      'POST /api/v1/tokens/k1/end-grace': { status: 204 },
    })
    await open('/tokens?token=k1')
    await click('End it now: Claude Code (old)')
    expect(doings(calls)).toEqual(['GET'])
    await click('End it now')
    expect(doings(calls)).toEqual(['GET', 'POST', 'GET'])
  })
})

describe('an alarm', () => {
  const retired = token({
    state: 'retired',
    rotation: { replaces: null, replacedBy: 'k2', retiresAt: '2026-11-22T09:00:00.000Z', retiresOnFirstUse: false },
    alarm: use('2026-11-23T08:00:00.000Z', 'meter', 'curl/8'),
  })

  async function openWith(answers: Record<string, Answer>) {
    const calls = answerWith({ 'GET /api/v1/tokens': page([retired]), ...answers })
    await open()
    return calls
  }

  it('is told with time, instance and client, though its token is among the ended', async () => {
    await openWith({})
    expect(listed()).toEqual([])
    const alarm = find('heading', 'The replaced token “Claude Code” was used after its end').parentElement?.textContent
    for (const words of ['1 hour ago', 'meter', 'curl/8']) expect(alarm).toContain(words)
  })

  it('is settled by one click', async () => {
    const calls = await openWith({ 'POST /api/v1/tokens/k1/dismiss-alarm': { status: 204 } })
    await click('It was me: Claude Code')
    expect(doings(calls)).toEqual(['GET', 'POST', 'GET'])
  })

  it('asks before it revokes the family', async () => {
    const calls = await openWith({ 'POST /api/v1/tokens/k1/revoke-family': { status: 204 } })
    await click('Revoke the whole family: Claude Code')
    expect(doings(calls)).toEqual(['GET'])
    expect(has('dialog', 'Revoke the whole family of “Claude Code”?')).toBe(true)
    await click('Revoke the whole family')
    expect(doings(calls)).toEqual(['GET', 'POST', 'GET'])
  })
})
