import { describe, expect, it } from 'vitest'

import { patchGroup, readGroup } from '../../../../../forge/host/sso/scim/group-document.ts'

const before = () => ({ displayName: 'Makers', externalId: null, members: new Set(['a', 'b', 'c']) })
const patched = (...operations: object[]) => patchGroup(before(), { Operations: operations })
const members = (...operations: object[]) => [...patched(...operations).members].sort().join('')

describe('a PATCH of a group', () => {
  it.each<[string, object, string]>([
    ['adds a list', { op: 'add', path: 'members', value: [{ value: 'd' }, { value: 'a' }] }, 'abcd'],
    ['adds one', { op: 'Add', path: 'members', value: { value: 'd' } }, 'abcd'],
    ['adds without a path', { op: 'add', value: { members: [{ value: 'd' }] } }, 'abcd'],
    ['removes by a filter', { op: 'remove', path: 'members[value eq "b"]' }, 'ac'],
    ['removes by a filter of several', { op: 'remove', path: 'members[value eq "b" or value eq "c"]' }, 'a'],
    [
      'removes by a list, as Entra does',
      { op: 'Remove', path: 'members', value: [{ value: 'b' }, { value: 'x' }] },
      'ac',
    ],
    ['removes all', { op: 'remove', path: 'members' }, ''],
    ['replaces', { op: 'replace', path: 'members', value: [{ value: 'z' }] }, 'z'],
    ['replaces without a path, as Okta does', { op: 'replace', value: { id: 'x', members: [{ value: 'y' }] } }, 'y'],
    ['replaces by none', { op: 'replace', path: 'members', value: [] }, ''],
  ])('%s', (_, operation, expected) => {
    expect(members(operation)).toBe(expected)
  })

  it('goes on from operation to operation, and leaves alone what it was given', () => {
    const group = before()
    const { displayName, members: after } = patchGroup(group, {
      Operations: [
        { op: 'replace', value: { id: 'x', displayName: 'Menders' } },
        { op: 'remove', path: 'members[value eq "a"]' },
        { op: 'add', path: 'members', value: [{ value: 'd' }] },
      ],
    })
    expect([displayName, [...after]]).toEqual(['Menders', ['b', 'c', 'd']])
    expect(group).toEqual(before())
  })

  it.each<[object, string]>([
    [{ op: 'add', path: 'members', value: [{}] }, 'invalidValue'],
    [{ op: 'add', path: 'members', value: [7] }, 'invalidValue'],
    [{ op: 'add', path: 'members[value eq "a"]', value: {} }, 'invalidValue'],
    [{ op: 'remove', path: 'members[value ne "a"]' }, 'invalidFilter'],
    [{ op: 'remove', path: 'displayName' }, 'invalidValue'],
    [{ op: 'replace', path: 'colour', value: 'red' }, 'invalidPath'],
  ])('refuses %j as %s', (operation, scimType) => {
    expect(() => patched(operation)).toThrow(expect.objectContaining({ scimType }))
  })
})

describe('a group', () => {
  it('needs a name', () => {
    expect(() => readGroup({ members: [] })).toThrow(expect.objectContaining({ scimType: 'invalidValue' }))
    expect(readGroup({ displayName: 'Makers', members: [{ value: 'a', type: 'User' }] })).toEqual({
      displayName: 'Makers',
      externalId: null,
      members: new Set(['a']),
    })
  })
})
