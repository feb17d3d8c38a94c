import { Value } from '@sinclair/typebox/value'
import { describe, expect, it } from 'vitest'

import { NameSchema } from '../../../forge/contract/common.ts'
import { InstanceUrlSchema, UsernameSchema } from '../../../forge/contract/host.ts'
import {
  checkEmail,
  checkInstanceUrl,
  checkName,
  checkNewPassword,
  checkUsername,
} from '../../../frontend/domain/text-rules.ts'

/** The pages say early what the forge would refuse; where the two differ, one of them is wrong. */
describe('agreement with the contract', () => {
  const names = [
    'Alice',
    ' ',
    '',
    'a'.repeat(100),
    'a'.repeat(101),
    'a\u0000b',
    'a\nb',
    'a\u202Eb',
    'a\u2028b',
    'Größe 4',
  ]
  it.each(names)('on the name %j', (name) => {
    // The pattern needs Unicode mode, in which the forge's validator compiles it.
    const { pattern = '', maxLength = 0 } = NameSchema(100, 'x')
    const accepted = name.length > 0 && name.length <= maxLength && new RegExp(pattern, 'u').test(name)
    expect(checkName(name, 'a name') === null).toBe(accepted)
  })

  it.each(['alice', 'a', 'a.b-c_d', '.a', 'a.', 'a b', '', 'a'.repeat(40), 'a'.repeat(41)])(
    'on the user name %j',
    (name) => {
      expect(checkUsername(name) === null).toBe(Value.Check({ ...UsernameSchema }, name))
    },
  )

  const urls = [
    'https://line-4.example.com',
    'http://127.0.0.1:1880/red/',
    'https://user@example.com',
    'https://example.com?x',
    'https://example.com/#x',
    'ftp://example.com',
    'example.com',
  ]
  it.each(urls)('on the address %s', (url) => {
    expect(checkInstanceUrl(url) === null).toBe(new RegExp(InstanceUrlSchema.pattern ?? '').test(url))
  })
})

it('asks for what is missing in words', () => {
  expect([checkName(' ', 'Enter your name.'), checkUsername(''), checkEmail(''), checkNewPassword('short')]).toEqual([
    'Enter your name.',
    'Enter a user name.',
    'Enter an e-mail address.',
    'Use at least 8 characters.',
  ])
})
