import { expect, it } from 'vitest'

import { createSecretKeys } from '../../../forge/keys.ts'
import { createAuditRefs } from '../../../forge/tokens/audit-ref.ts'

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const TOKEN = '6f3c1f80-2f7a-4c0e-9a77-0d1f5f0a1b2c'

it('means the token, to the instance that it was given to alone', () => {
  const refs = createAuditRefs(createSecretKeys(keyOf(1)))
  const ref = refs.of(TOKEN, 'packer')

  expect(refs.tokenIdOf(ref, 'packer')).toBe(TOKEN)
  expect(refs.tokenIdOf(ref, 'labeller')).toBeNull()
})

it('is recognised after the server key was replaced, until the old one is taken away', () => {
  const ref = createAuditRefs(createSecretKeys(keyOf(1))).of(TOKEN, 'packer')

  expect(createAuditRefs(createSecretKeys(keyOf(2), [keyOf(1)])).tokenIdOf(ref, 'packer')).toBe(TOKEN)
  expect(createAuditRefs(createSecretKeys(keyOf(2))).tokenIdOf(ref, 'packer')).toBeNull()
})

it.each(['', '.', 'x', `${TOKEN}.`, `${TOKEN}.${'A'.repeat(43)}`, `${TOKEN}.${'ä'.repeat(43)}`])(
  'means nothing as %j',
  (text) => {
    expect(createAuditRefs(createSecretKeys(keyOf(1))).tokenIdOf(text, 'packer')).toBeNull()
  },
)
