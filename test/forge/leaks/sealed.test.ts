import { describe, expect, it } from 'vitest'

import { createSecretKeys } from '../../../forge/keys.ts'
import { createSeals } from '../../../forge/leaks/sealed.ts'

const OLD = Buffer.alloc(32, 7).toString('base64')
const NEW = Buffer.alloc(32, 8).toString('base64')
const TEXT = 'ffpat_4hPq0ZcT7mRk_and a secret'

describe('a sealed report', () => {
  const seals = createSeals(createSecretKeys(OLD))
  const sealed = seals.seal('id-1', TEXT)

  it('opens for what it belongs to, and holds nothing of its text', () => {
    expect(seals.open('id-1', sealed)).toBe(TEXT)
    expect(Buffer.from(sealed.sealed, 'base64').toString('latin1')).not.toContain('ffpat')
    expect(seals.seal('id-1', TEXT).sealed).not.toBe(sealed.sealed)
  })

  it('opens under a key that was replaced meanwhile, and under no other', () => {
    expect(createSeals(createSecretKeys(NEW, [OLD])).open('id-1', sealed)).toBe(TEXT)
    expect(createSeals(createSecretKeys(NEW)).open('id-1', sealed)).toBeNull()
    expect(createSeals(createSecretKeys(NEW)).open('id-1', { ...sealed, keyId: createSecretKeys(NEW).id })).toBeNull()
  })

  it('opens neither for another report nor after any byte was changed', () => {
    expect(seals.open('id-2', sealed)).toBeNull()
    for (const at of [0, 12, -1]) {
      const bytes = Buffer.from(sealed.sealed, 'base64')
      const place = at < 0 ? bytes.length + at : at
      bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place)
      expect(seals.open('id-1', { ...sealed, sealed: bytes.toString('base64') })).toBeNull()
    }
    expect(seals.open('id-1', { ...sealed, sealed: '' })).toBeNull()
  })
})
