import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'

import ExplainPage from '../../../frontend/pages/ExplainPage.vue'
import { answerWith, type Call } from '../support/forge.ts'
import { createTestRouter } from '../support/router.ts'
import { TARGETS, token } from '../support/samples.ts'
import { find, pageText } from '../support/screen.ts'

let wrapper: VueWrapper
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

async function open(): Promise<Call[]> {
  const rules = [
    { rule: 'token_not_revoked', holds: true, reason: null },
    { rule: 'tool_role', holds: false, reason: 'This tool needs the role owner.' },
    { rule: 'a_new_rule', holds: true, reason: null },
  ]
  const instance = { id: 'i1', name: 'packer' }
  const refused = { allowed: false, role: null, readOnly: false, mcpOnly: false, summary: 'It does not.', rules }
  const calls = answerWith({
    'GET /api/v1/tokens/k1': { body: token() },
    'GET /api/v1/tokens/targets': { body: TARGETS },
    'POST /api/v1/tokens/k1/explain': { body: { instance, ...refused } },
  })
  const global = { plugins: [createTestRouter()] }
  wrapper = mount(ExplainPage, { props: { id: 'k1' }, attachTo: document.body, global })
  await flushPromises()
  return calls
}
const questions = (calls: Call[]) => calls.filter(({ method }) => method === 'POST').map(({ body }) => body)

async function choose(label: string, value: string): Promise<void> {
  const select = find('field', label) as HTMLSelectElement
  select.value = value
  select.dispatchEvent(new Event('change'))
  await flushPromises()
}

it('asks about the first instance in its reach and puts the rules into words, each with a verdict', async () => {
  expect(questions(await open())).toEqual([{ instanceId: 'i1' }])
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

it('asks anew about another instance, and about a kind of tool', async () => {
  const calls = await open()
  await choose('At which instance?', 'i3')
  await choose('To do what?', 'destroy')
  expect(questions(calls).slice(1)).toEqual([
    { instanceId: 'i3' },
    { instanceId: 'i3', tool: { readOnlyHint: false, destructiveHint: true } },
  ])
})
