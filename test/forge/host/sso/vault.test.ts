import { describe, expect, it } from 'vitest'

import { createVault } from '../../../../forge/host/sso/vault.ts'
import { createSecretKeys } from '../../../../forge/keys.ts'

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const vault = createVault(createSecretKeys(key(1)))

describe('the vault', () => {
  it('opens what it sealed, and says under which key', () => {
    const sealed = vault.seal('s3cret ü', 'provider 1')
    expect(sealed.keyId).toBe(createSecretKeys(key(1)).id)
    expect(sealed.text).not.toContain('s3cret')
    expect(vault.open(sealed, 'provider 1')).toBe('s3cret ü')
  })

  it('never seals the same way twice', () => {
    expect(vault.seal('s3cret', 'x').text).not.toBe(vault.seal('s3cret', 'x').text)
  })

  it('opens nothing in the place of something else', () => {
    expect(vault.open(vault.seal('s3cret', 'provider 1'), 'provider 2')).toBeNull()
  })

  it('opens nothing that was changed, cut short or made up', () => {
    const { keyId, text } = vault.seal('s3cret', 'x')
    const bytes = Buffer.from(text, 'base64url')
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(vault.open({ keyId, text: changed.toString('base64url') }, 'x')).toBeNull()
      expect(vault.open({ keyId, text: bytes.subarray(0, index).toString('base64url') }, 'x')).toBeNull()
    }
  })

  it('opens what an old key sealed as long as that is here', () => {
    const sealed = vault.seal('s3cret', 'x')
    expect(createVault(createSecretKeys(key(2), [key(1)])).open(sealed, 'x')).toBe('s3cret')
    expect(createVault(createSecretKeys(key(2))).open(sealed, 'x')).toBeNull()
  })
})
