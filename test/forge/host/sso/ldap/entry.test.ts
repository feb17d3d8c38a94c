import { describe, expect, it } from 'vitest'

import { idValue, nameInDn, readPerson } from '../../../../../forge/host/sso/ldap/entry.ts'
import { ldapInput, NOW } from './scene.ts'

const read = (attributes: Record<string, string | string[] | Buffer>, change = {}) =>
  readPerson({ dn: 'uid=alice,dc=acme', ...attributes }, ldapInput(change), NOW)

describe('the entry of a person', () => {
  it('is read whatever the case of its attributes, and by the first value', () => {
    expect(read({ UID: ['alice', 'al'], Mail: ['a@acme.example', 'b@acme.example'], entryuuid: 'e-1' })).toMatchObject({
      username: 'alice',
      name: 'alice',
      email: 'a@acme.example',
      id: 'e-1',
    })
  })

  it('has no id where there are two, or none', () => {
    expect([read({}).id, read({ entryUUID: ['a', 'b'] }).id, read({ entryUUID: [] }).id]).toEqual([null, null, null])
  })

  it('has a GUID as Windows writes it, and goes back to the same bytes', () => {
    const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
    const { id } = read({ objectGUID: bytes }, { idAttribute: 'objectguid' })
    expect(id).toBe('33221100-5544-7766-8899-aabbccddeeff')
    expect(idValue(id ?? '', 'objectGUID')).toEqual(bytes)
  })

  it.each([
    [{ userAccountControl: '514' }, true],
    [{ userAccountControl: '512' }, false],
    [{ accountExpires: '0' }, false],
    [{ accountExpires: '9223372036854775807' }, false],
    [{ accountExpires: String((NOW + 11_644_473_600_000) * 10_000) }, true],
    [{ accountExpires: String((NOW + 11_644_473_600_000 + 60_000) * 10_000) }, false],
    [{ nsAccountLock: 'TRUE' }, true],
    [{ nsAccountLock: 'false' }, false],
    [{ loginDisabled: 'TRUE' }, true],
    [{ pwdAccountLockedTime: '000001010000Z' }, true],
    // By wrong guesses, which anybody can make.
    [{ pwdAccountLockedTime: '20261124120000Z' }, false],
  ])('is disabled by %j: %s', (attributes, expected) => {
    expect(read(attributes).isDisabled).toBe(expected)
  })
})

describe('nameInDn', () => {
  it.each([
    ['cn=ff-line-4-member,ou=groups,dc=acme', 'ff-line-4-member'],
    ['CN=ff-line-4[Packaging]-viewer,OU=x', 'ff-line-4[Packaging]-viewer'],
    ['cn=a\\, b\\+c,dc=acme', 'a, b+c'],
    ['cn=L\\C3\\BCneburg,dc=acme', 'Lüneburg'],
    ['cn=one+uid=two,dc=acme', 'one'],
    ['', ''],
  ])('reads %j as %j', (dn, name) => {
    expect(nameInDn(dn)).toBe(name)
  })
})
