import { expect, it } from 'vitest'

import type { Token } from '../../../forge/contract/token.ts'
import { changesOf, requestFor, type Change } from '../../../frontend/domain/changes.ts'
import { listTargets } from '../../../frontend/domain/reach.ts'
import type { TokenFields } from '../../../frontend/domain/token-fields.ts'
import { NOW, TARGETS, token } from '../support/samples.ts'

const targets = listTargets(TARGETS)

function edit(before: Partial<Token>, changes: Partial<TokenFields>): Change[] {
  const old = token(before)
  const fields: TokenFields = {
    name: old.name,
    description: old.description,
    chosen: new Set(old.grants.map(({ type, id }) => `${type}:${id}`)),
    role: old.role,
    readOnly: old.readOnly,
    tools: old.tools && new Set(old.tools),
    expiry: { kind: 'kept', at: old.expiresAt },
    reason: '',
    ...changes,
  }
  return changesOf(old, { fields, targets, now: NOW, maxDays: 366 })
}
const effects = (changes: Change[]) => changes.map(({ effect }) => effect)

it('asks for nothing when nothing was changed', () => {
  expect(edit({}, {})).toEqual([])
})

it('asks for what was changed alone', () => {
  const changes = edit({ role: 'member', readOnly: false }, { name: ' Nightly ', role: 'viewer', readOnly: true })
  expect(effects(changes)).toEqual(['words', 'less', 'less'])
  expect(requestFor(changes)).toEqual({ name: 'Nightly', role: 'viewer', readOnly: true })
})

it('calls a higher role, writing, and a later end more', () => {
  const changes = edit({}, { role: 'member', readOnly: false, expiry: { kind: 'days', days: 365 } })
  expect(effects(changes)).toEqual(['more', 'more', 'more'])
  expect(requestFor(changes).expiresAt).toBe('2027-11-23T09:00:00.000Z')
})

it('calls an earlier end less, and none at all more', () => {
  expect(effects(edit({}, { expiry: { kind: 'days', days: 7 } }))).toEqual(['less'])
  expect(effects(edit({}, { expiry: { kind: 'never' } }))).toEqual(['more'])
})

it('calls a list of tools less, another tool on it more, and no list more', () => {
  const limited = edit({}, { tools: new Set(['stop', 'read']) })
  expect(limited).toEqual([
    { effect: 'less', text: 'May call read, stop and no other tool.', input: { tools: ['read', 'stop'] } },
  ])
  expect(edit({}, { tools: new Set() })).toMatchObject([{ effect: 'less', text: 'May call no tool.' }])
  const tools = ['stop', 'read']
  expect(edit({ tools }, {})).toEqual([])
  expect(edit({ tools }, { tools: new Set(['read']) })).toMatchObject([
    { effect: 'less', text: 'It no longer calls stop.', input: { tools: ['read'] } },
  ])
  expect(edit({ tools }, { tools: new Set(['read', 'purge']) })).toMatchObject([
    { effect: 'more', text: 'It may also call purge. It no longer calls stop.', input: { tools: ['purge', 'read'] } },
  ])
  expect(edit({ tools }, { tools: null })).toMatchObject([{ effect: 'more', input: { tools: null } }])
})

it('calls another instance more, and one less less', () => {
  expect(effects(edit({}, { chosen: new Set(['instance:i1', 'instance:i3']) }))).toEqual(['more'])

  const grants: Token['grants'] = [
    { type: 'instance', id: 'i1', name: 'packer' },
    { type: 'instance', id: 'i3', name: 'meter' },
  ]
  const fewer = edit({ grants }, { chosen: new Set(['instance:i3']) })
  expect(fewer[0]).toMatchObject({ effect: 'less', text: 'It no longer names packer.' })
})

it('calls one instance of a whole application less', () => {
  const grants: Token['grants'] = [{ type: 'application', id: 'a1', name: 'Packaging' }]
  const changes = edit({ grants }, { chosen: new Set(['instance:i1']) })
  expect(effects(changes)).toEqual(['less'])
  expect(requestFor(changes)).toEqual({ grants: [{ type: 'instance', id: 'i1' }] })
})

it('leaves what is out of reach alone until the reach is changed', () => {
  const grants: Token['grants'] = [
    { type: 'instance', id: 'i1', name: 'packer' },
    { type: 'instance', id: 'gone', name: null },
  ]
  expect(edit({ grants }, {})).toEqual([])
  expect(requestFor(edit({ grants }, { chosen: new Set(['instance:i3']) })).grants).toEqual([
    { type: 'instance', id: 'i3' },
  ])
})
