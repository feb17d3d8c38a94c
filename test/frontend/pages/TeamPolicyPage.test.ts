import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { PolicyImpact } from '../../../forge/contract/oversight.ts'
import { DEFAULT_POLICY, type TokenPolicy } from '../../../forge/contract/policy.ts'
import TeamPolicyPage from '../../../frontend/pages/TeamPolicyPage.vue'
import { answerWith, type Answer, type Call } from '../support/forge.ts'
import { BOB, TEAM } from '../support/oversight-samples.ts'
import { descriptionOf, field, find, has, pageText } from '../support/screen.ts'

const GET = 'GET /api/v1/teams/t1/token-policy'
const PUT = 'PUT /api/v1/teams/t1/token-policy'

const IMPACT: PolicyImpact = {
  tokens: 14,
  people: 6,
  stoppedNow: 3,
  limitedNow: 11,
  widenedNow: 0,
  examples: [
    {
      token: { id: 'k1', name: 'Claude Code' },
      holder: BOB,
      effect: 'stopped',
      reason: 'The team allows no tokens for whole teams.',
    },
  ],
}

let wrapper: VueWrapper
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

async function open(saved: TokenPolicy, put: Answer = { body: IMPACT }): Promise<Call[]> {
  const calls = answerWith({ [GET]: { body: saved }, [PUT]: put })
  wrapper = mount(TeamPolicyPage, { attachTo: document.body, props: { team: TEAM } })
  await flushPromises()
  return calls
}

async function click(role: 'button' | 'checkbox', name: string | RegExp): Promise<void> {
  find(role, name).click()
  await flushPromises()
}

async function type(label: string, text: string): Promise<void> {
  const input = field(label)
  input.value = text
  input.dispatchEvent(new Event('input'))
  await flushPromises()
}

const standingOf = (legend: string) =>
  [...document.querySelectorAll('fieldset')].find((row) => row.textContent.includes(legend))?.textContent ?? ''

describe('what holds', () => {
  it('is marked as the default, or as set by the team with the default beside it', async () => {
    await open({ ...DEFAULT_POLICY, maxRole: 'viewer' })
    expect(standingOf('Highest role')).toMatch(/Set by your team\s*Default: Owner/)
    expect(standingOf('Longest life')).toContain('Default')
    expect(standingOf('Longest life')).not.toContain('Set by your team')
  })

  it('cannot be loaded, and says why', async () => {
    const refusal = { status: 404, body: { code: 'not_found', error: 'You own no such team.' } }
    answerWith({ [GET]: refusal })
    wrapper = mount(TeamPolicyPage, { attachTo: document.body, props: { team: TEAM } })
    await flushPromises()
    expect(find('alert', /You own no such team\./)).toBeDefined()
  })
})

describe('a change', () => {
  it('is checked before it can be saved', async () => {
    const calls = await open(DEFAULT_POLICY)
    await click('checkbox', 'Every token is read-only here')
    expect(standingOf('Read-only')).toContain('Not saved yet')
    expect(has('button', 'Save policy')).toBe(false)

    await click('button', 'Check what this changes')
    expect(calls[1]).toMatchObject({
      method: 'PUT',
      query: { dryRun: ['true'] },
      body: { ...DEFAULT_POLICY, readOnlyOnly: true },
    })
    expect(has('button', 'Save policy')).toBe(true)
  })

  it('shows how many tokens of how many people it affects, with examples and why they stop', async () => {
    await open(DEFAULT_POLICY)
    await click('checkbox', /^The whole team/)
    await click('button', 'Check what this changes')
    expect(document.activeElement?.textContent).toBe(
      'What this changes: 14 tokens of 6 people; 3 stop now, 11 may do less.',
    )
    expect(pageText()).toContain('Claude Code of Bob Berger')
    expect(pageText()).toContain('The team allows no tokens for whole teams.')
    expect(pageText()).toContain('And 13 more.')
  })

  it('must be checked again when something else is changed', async () => {
    await open(DEFAULT_POLICY)
    await click('checkbox', 'Every token is read-only here')
    await click('button', 'Check what this changes')
    await click('checkbox', 'Tokens reach MCP endpoints only')
    expect(has('button', 'Save policy')).toBe(false)
  })

  it('is saved as it was checked, and said to be', async () => {
    const after = { ...DEFAULT_POLICY, allowNoExpiry: true }
    const answers = [{ body: IMPACT }, { body: after }]
    const calls = await open(DEFAULT_POLICY, () => answers.shift() ?? {})
    await click('checkbox', 'Tokens may live without an end')
    await click('button', 'Check what this changes')
    await click('button', 'Save policy')

    expect(calls[2]).toMatchObject({ method: 'PUT', query: {}, body: after })
    expect(pageText()).toContain('The policy is saved.')
    expect(standingOf('Tokens without an end')).toContain('Set by your team')
    expect(document.activeElement?.textContent).toBe('Policy for tokens')
  })

  it('stays, with the reason, when saving is refused', async () => {
    const conflict = { code: 'conflict', error: 'Another owner has changed the policy meanwhile.' }
    const answers = [{ body: IMPACT }, { status: 409, body: conflict }]
    await open(DEFAULT_POLICY, () => answers.shift() ?? {})
    await click('checkbox', 'Tokens may live without an end')
    await click('button', 'Check what this changes')
    await click('button', 'Save policy')
    expect(find('alert', /Another owner has changed the policy meanwhile\./)).toBeDefined()
    expect((find('checkbox', 'Tokens may live without an end') as HTMLInputElement).checked).toBe(true)
  })

  it('can be discarded', async () => {
    await open(DEFAULT_POLICY)
    await click('checkbox', 'Every token is read-only here')
    await click('button', 'Discard changes')
    expect((find('checkbox', 'Every token is read-only here') as HTMLInputElement).checked).toBe(false)
    expect(pageText()).toContain('Nothing is changed.')
  })
})

describe('a wrong value', () => {
  it('is told beside its field, which gets the focus, and nothing is asked', async () => {
    const calls = await open(DEFAULT_POLICY)
    await type('Days that a token may live', '400')
    await click('button', 'Check what this changes')
    const days = field('Days that a token may live')
    expect(descriptionOf(days)).toContain('Enter a whole number from 1 to 366.')
    expect(document.activeElement).toBe(days)
    expect(calls).toHaveLength(1)
  })

  it('is an empty list of what tokens may name', async () => {
    const calls = await open({ ...DEFAULT_POLICY, grantTypes: ['instance'] })
    await click('checkbox', 'Single instances')
    await click('button', 'Check what this changes')
    expect(pageText()).toContain('Choose at least one, or allow no tokens at all.')
    expect(calls).toHaveLength(1)
  })
})
