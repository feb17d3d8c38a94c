import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'

import type { Token } from '../../../../forge/contract/token.ts'
import TokenCard from '../../../../frontend/components/tokens/TokenCard.vue'
import { createTestRouter } from '../../support/router.ts'
import { NOW, token } from '../../support/samples.ts'
import { find, has, pageText } from '../../support/screen.ts'

let wrapper: VueWrapper
afterEach(() => wrapper.unmount())

const show = (changes: Partial<Token>) => {
  const global = { plugins: [createTestRouter()] }
  wrapper = mount(TokenCard, { props: { token: token(changes), now: NOW }, attachTo: document.body, global })
}

it('says what a token may reach, as what, how long, and that it was never used', () => {
  show({ grants: [{ type: 'instance', id: 'i1', name: 'packer' }], role: 'member', readOnly: false })
  for (const words of ['packer', 'Member at most', 'May write', 'in 27 days', 'Last usedNever']) {
    expect(pageText()).toContain(words)
  }
})

it('says that a whole application includes later instances', () => {
  show({ grants: [{ type: 'application', id: 'a1', name: 'Packaging' }] })
  expect(pageText()).toContain('All of Packaging and later instances')
})

it('says that what a token reached is gone', () => {
  show({ grants: [{ type: 'team', id: 't1', name: null }] })
  expect(pageText()).toContain('A team that is gone')
})

it('gives its times to machines as well', () => {
  show({
    lastUse: { at: '2026-11-23T07:00:00.000Z', instanceId: 'i1', instanceName: 'packer', client: null, address: null },
  })
  const times = [...document.querySelectorAll('time')].map((time) => time.getAttribute('datetime'))
  expect(times).toEqual(['2026-12-20T09:00:00.000Z', '2026-11-23T07:00:00.000Z'])
  expect(pageText()).toContain('2 hours ago')
  expect(pageText()).toContain('at packer')
})

it('warns of an end within a week', () => {
  show({ expiresAt: '2026-11-27T09:00:00.000Z' })
  expect(pageText()).toContain('Ends soon')
})

it('offers to revoke an active token by its name', () => {
  show({})
  find('button', 'Revoke Claude Code').click()
  expect(wrapper.emitted('revoke')).toHaveLength(1)
})

it.each([
  ['revoked', 'Revoked', { revokedAt: '2026-11-21T09:00:00.000Z' }],
  ['expired', 'Expired', { expiresAt: '2026-11-21T09:00:00.000Z' }],
] as const)('offers nothing for a token that is %s', (state, word, changes) => {
  show({ state, ...changes })
  expect(pageText()).toContain(word)
  expect(pageText()).toContain('2 days ago')
  expect(has('button', /Revoke/)).toBe(false)
})

it.each([
  ['pending', 'Works on production once an owner of Line 4 approves it.'],
  ['denied', 'An owner of Line 4 has refused it for production. It works elsewhere.'],
] as const)('says what an approval that is %s means', (state, words) => {
  show({ approvals: [{ teamId: 't1', teamName: 'Line 4', state }] })
  expect(pageText()).toContain(words)
})

it('says in words why it ended', () => {
  show({ state: 'revoked', revokedAt: '2026-11-21T09:00:00.000Z', endReason: 'leaked' })
  expect(pageText()).toContain('It was revoked because its text leaked.')
})
