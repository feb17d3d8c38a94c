import { describe, expect, it } from 'vitest'

import { patchUser, readUser, type UserDocument } from '../../../../../forge/host/sso/scim/user-document.ts'
import { addressOf, fullNameOf } from '../../../../../forge/host/sso/scim/user-document.ts'

const ALICE: UserDocument = {
  userName: 'alice@acme.example',
  externalId: 'a-1',
  active: true,
  displayName: null,
  name: { givenName: 'Alice', familyName: 'Arnold' },
  emails: [{ value: 'alice@acme.example', type: 'work', primary: true }],
}
const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

const patched = (...operations: object[]) =>
  patchUser(ALICE, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations })

/** The form of what is thrown. */
function refusalOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as { scimType?: string }).scimType ?? String(error)
  }
  return 'nothing'
}

describe('a PATCH of a person', () => {
  it.each<[string, object, Partial<UserDocument>]>([
    ['Okta, without a path', { op: 'replace', value: { active: false } }, { active: false }],
    ['Entra, as text', { op: 'Replace', path: 'active', value: 'False' }, { active: false }],
    ['Entra, without a path', { op: 'Replace', value: { active: 'True', displayName: 'A' } }, { displayName: 'A' }],
    ['the schema before the path', { op: 'replace', path: `${SCHEMA}:active`, value: false }, { active: false }],
    [
      'names in any case',
      { op: 'REPLACE', path: 'USERNAME', value: 'bob@acme.example' },
      { userName: 'bob@acme.example' },
    ],
    [
      'part of the name',
      { op: 'replace', path: 'name.givenName', value: 'Al' },
      { name: { givenName: 'Al', familyName: 'Arnold' } },
    ],
    [
      'Entra, a path as a key',
      { op: 'add', value: { 'name.familyName': 'B' } },
      { name: { givenName: 'Alice', familyName: 'B' } },
    ],
    ['the whole name', { op: 'replace', path: 'name', value: { formatted: 'Al' } }, { name: { formatted: 'Al' } }],
    [
      'more of the name',
      { op: 'add', path: 'name', value: { formatted: 'Al' } },
      { name: { ...ALICE.name, formatted: 'Al' } },
    ],
    ['taking a part away', { op: 'remove', path: 'name.givenName' }, { name: { familyName: 'Arnold' } }],
    ['taking the external id away', { op: 'Remove', path: 'externalId' }, { externalId: null }],
    [
      'Entra, an address by its type',
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'b@acme.example' },
      { emails: [{ value: 'b@acme.example', type: 'work', primary: true }] },
    ],
    [
      'Entra, an address that is not there yet',
      { op: 'Add', path: 'emails[type eq "home"].value', value: 'h@acme.example' },
      { emails: [...ALICE.emails, { value: 'h@acme.example', type: 'home' }] },
    ],
    [
      'Entra, an address as a key',
      { op: 'replace', value: { 'emails[type eq "work"].value': 'k@acme.example' } },
      { emails: [{ value: 'k@acme.example', type: 'work', primary: true }] },
    ],
    [
      'another primary address',
      { op: 'add', path: 'emails', value: [{ value: 'n@acme.example', primary: 'True' }] },
      {
        emails: [
          { value: 'alice@acme.example', type: 'work' },
          { value: 'n@acme.example', primary: true },
        ],
      },
    ],
    [
      'the same address again',
      { op: 'add', path: 'emails', value: { value: 'ALICE@acme.example', type: 'work' } },
      { emails: [{ value: 'ALICE@acme.example', type: 'work' }] },
    ],
    [
      'other addresses',
      { op: 'replace', path: 'emails', value: [{ value: 'o@acme.example' }] },
      { emails: [{ value: 'o@acme.example' }] },
    ],
    [
      'an entry of addresses',
      { op: 'remove', path: 'emails[value eq "ALICE@acme.example" and primary eq true]' },
      { emails: [] },
    ],
    [
      'the type of an address',
      { op: 'remove', path: 'emails[type eq "work"].type' },
      { emails: [{ value: 'alice@acme.example', primary: true }] },
    ],
    ['what is not kept', { op: 'replace', path: 'title', value: 'Boss' }, {}],
    ['an extension', { op: 'add', path: `${ENTERPRISE}:department`, value: 'Line 4' }, {}],
    [
      'a resource that was read before',
      { op: 'replace', value: { id: 'x', meta: {}, groups: [], schemas: [], title: 'B' } },
      {},
    ],
  ])('takes %s', (_, operation, change) => {
    expect(patched(operation)).toEqual({ ...ALICE, ...change })
  })

  it('goes on from operation to operation, and leaves alone what it was given', () => {
    const before = structuredClone(ALICE)
    const after = patched(
      { op: 'remove', path: 'emails' },
      { op: 'add', path: 'emails', value: { value: 'z@acme.example' } },
    )
    expect(after.emails).toEqual([{ value: 'z@acme.example' }])
    expect(ALICE).toEqual(before)
  })

  it.each<[string, unknown, string]>([
    ['no operations', { Operations: [] }, 'invalidSyntax'],
    ['no list', { Operations: { op: 'add' } }, 'invalidSyntax'],
    ['no object', { Operations: ['add'] }, 'invalidSyntax'],
    ['another verb', { Operations: [{ op: 'move', path: 'active', value: true }] }, 'invalidSyntax'],
    [
      'too many',
      { Operations: Array.from({ length: 1001 }, () => ({ op: 'add', path: 'active', value: true })) },
      'invalidSyntax',
    ],
    ['nothing to remove', { Operations: [{ op: 'remove' }] }, 'noTarget'],
    ['a path that is none', { Operations: [{ op: 'add', path: 'a b', value: 1 }] }, 'invalidPath'],
    ['a path that is no text', { Operations: [{ op: 'add', path: {}, value: 1 }] }, 'invalidPath'],
    ['a broken filter', { Operations: [{ op: 'add', path: 'emails[type eq].value', value: 'x' }] }, 'invalidPath'],
    ['an unknown attribute', { Operations: [{ op: 'add', path: 'shoeSize', value: 43 }] }, 'invalidPath'],
    ['the id', { Operations: [{ op: 'replace', path: 'id', value: 'x' }] }, 'mutability'],
    ['groups', { Operations: [{ op: 'add', path: 'groups', value: [{ value: 'x' }] }] }, 'mutability'],
    ['activity that is none', { Operations: [{ op: 'replace', path: 'active', value: 'perhaps' }] }, 'invalidValue'],
    ['no activity', { Operations: [{ op: 'remove', path: 'active' }] }, 'invalidValue'],
    ['no user name', { Operations: [{ op: 'remove', path: 'userName' }] }, 'invalidValue'],
    ['a user name that is none', { Operations: [{ op: 'replace', path: 'userName', value: ['a'] }] }, 'invalidValue'],
    ['a long one', { Operations: [{ op: 'replace', path: 'userName', value: 'x'.repeat(256) }] }, 'invalidValue'],
    ['a NUL', { Operations: [{ op: 'replace', path: 'userName', value: 'a\u0000' }] }, 'invalidValue'],
    [
      'no entry of that kind',
      { Operations: [{ op: 'replace', path: 'emails[value eq "x"].value', value: 'y' }] },
      'noTarget',
    ],
  ])('refuses %s', (_, body, scimType) => {
    expect(refusalOf(() => patchUser(ALICE, body))).toBe(scimType)
  })

  it.each([
    '__proto__',
    'constructor',
    '__proto__.polluted',
    'constructor.prototype.polluted',
    'name.__proto__',
    'emails[__proto__ pr].value',
  ])('sets nothing by the path %s that is not the person', (path) => {
    refusalOf(() => patched({ op: 'add', path, value: { polluted: true } }))
    refusalOf(() =>
      patched({ op: 'add', value: JSON.parse(`{"${path.replaceAll('"', '')}":{"polluted":true}}`) as object }),
    )
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each([
    ['line feeds', `emails[type eq "${'\n'.repeat(60)}`],
    ['parentheses', `emails[${'('.repeat(1900)}]`],
    ['negations', `emails[${'not '.repeat(450)}type pr]`],
    ['length', `emails[type eq "${'x'.repeat(100_000)}"]`],
    ['quotes', `emails[${'type eq "a" or '.repeat(120)}]`],
  ])('does not work for long on a filter of many %s', (_, path) => {
    expect(refusalOf(() => patched({ op: 'remove', path }))).toMatch(/^(invalidPath|nothing)$/)
  })
})

describe('a person', () => {
  it('is read by names in any case, without what is not kept', () => {
    const body = {
      USERNAME: ' bob ',
      Active: 'False',
      password: 'secret',
      shoeSize: 43,
      [ENTERPRISE]: { department: 'x' },
    }
    expect(readUser(body)).toEqual({
      userName: 'bob',
      externalId: null,
      active: false,
      displayName: null,
      name: {},
      emails: [],
    })
  })

  it.each([{}, { userName: '' }, { userName: null }, { userName: 7 }, [], null, 'x'])(
    'is none without a user name: %j',
    (body) => {
      expect(refusalOf(() => readUser(body))).toMatch(/^invalid(Value|Syntax)$/)
    },
  )

  it('is reached at the primary address, else at work, else at any, else at the user name', () => {
    const at = (...emails: UserDocument['emails']) => addressOf({ ...ALICE, emails })
    expect([
      at({ value: 'a@x' }, { value: 'b@x', type: 'work' }, { value: 'c@x', primary: true }),
      at({ value: 'a@x' }, { value: 'b@x', type: 'Work' }),
      at({ value: 'a@x' }),
      at(),
      addressOf({ ...ALICE, userName: 'alice', emails: [] }),
    ]).toEqual(['c@x', 'b@x', 'a@x', 'alice@acme.example', null])
  })

  it('is called by the display name, else the whole name, else its parts', () => {
    const called = (change: Partial<UserDocument>) => fullNameOf({ ...ALICE, ...change })
    expect([
      called({ displayName: 'D', name: { formatted: 'F' } }),
      called({ name: { formatted: 'F', givenName: 'G' } }),
      called({}),
      called({ name: {} }),
    ]).toEqual(['D', 'F', 'Alice Arnold', null])
  })
})
