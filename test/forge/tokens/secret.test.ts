import { randomBytes } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { parseToken } from '../../../forge/contract/token-format.ts'
import { createSecretKeys } from '../../../forge/keys.ts'
import { createSecretGuard, generateSecret } from '../../../forge/tokens/secret.ts'

const keys = createSecretKeys(Buffer.alloc(32, 1).toString('base64'))
const guard = createSecretGuard(keys)

describe('generateSecret', () => {
  it('makes a text that parses into its own parts', () => {
    const { selector, secret, text } = generateSecret()
    expect(parseToken(text)).toEqual({ selector, secret })
  })

  it('never repeats a selector or a secret', () => {
    const made = Array.from({ length: 500 }, generateSecret)
    expect(new Set(made.map(({ selector }) => selector)).size).toBe(500)
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(500)
  })
})

describe('SecretGuard', () => {
  it('keeps an argon2id PHC string, four bytes of prefilter and the key id, and nothing of the secret', async () => {
    const { secret } = generateSecret()
    const stored = await guard.protect(secret)

    expect(stored.secretHash).toMatch(/^\$argon2id\$v=19\$m=4096,t=1,p=1\$/)
    expect(stored.prefilter).toMatch(/^[0-9a-f]{8}$/)
    expect(stored.keyId).toBe(keys.id)
    expect(JSON.stringify(stored)).not.toContain(secret.slice(0, 8))
  })

  it('proves the right secret', async () => {
    const { secret } = generateSecret()
    const stored = await guard.protect(secret)
    expect(guard.mayMatch(secret, stored)).toBe(true)
    expect(await guard.matches(secret, stored)).toBe(true)
  })

  it('turns a wrong secret away at the prefilter', async () => {
    const stored = await guard.protect(generateSecret().secret)
    expect(guard.mayMatch(generateSecret().secret, stored)).toBe(false)
  })

  it('refuses by argon2 a wrong secret that the prefilter lets through', async () => {
    const stored = await guard.protect(generateSecret().secret)
    expect(await guard.matches(generateSecret().secret, stored)).toBe(false)
  })

  it('matches nothing where there is no row', () => {
    expect(guard.mayMatch(generateSecret().secret, null)).toBe(false)
  })

  it('matches nothing under another server key', async () => {
    const { secret } = generateSecret()
    const stored = await guard.protect(secret)
    const other = createSecretGuard(createSecretKeys(randomBytes(32).toString('base64')))

    expect(other.mayMatch(secret, stored)).toBe(false)
    expect(await other.matches(secret, stored)).toBe(false)
  })
})

describe('SecretGuard of a forge whose key was replaced', () => {
  const [old, current] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)].map((key) => key.toString('base64')) as [
    string,
    string,
  ]

  it('proves what the old key made, and makes what is new with the current one', async () => {
    const { secret } = generateSecret()
    const stored = await guard.protect(secret)
    const rotated = createSecretGuard(createSecretKeys(current, [old]))

    expect(rotated.mayMatch(secret, stored)).toBe(true)
    expect(await rotated.matches(secret, stored)).toBe(true)
    expect(rotated.isCurrent(stored)).toBe(false)
    expect(rotated.isCurrent(await rotated.protect(secret))).toBe(true)
  })

  it('tells once of a key id that it does not have', async () => {
    const told: string[] = []
    const rotated = createSecretGuard(createSecretKeys(current), (keyId) => void told.push(keyId))
    const { secret } = generateSecret()
    const stored = await guard.protect(secret)

    expect(rotated.mayMatch(secret, stored)).toBe(false)
    expect(await rotated.matches(secret, stored)).toBe(false)
    expect(told).toEqual([keys.id])
  })
})

describe('createSecretKeys', () => {
  it('does not take the current key for an old one, where the list names it too', () => {
    const key = Buffer.alloc(32, 1).toString('base64')
    expect(createSecretKeys(key, [key]).previous).toEqual([])
  })

  it.each(['', 'AAAA', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')])(
    'refuses %j, which is not 32 bytes',
    (base64) => {
      expect(() => createSecretKeys(base64)).toThrow(/32 bytes/)
    },
  )

  it('derives another key for each purpose', () => {
    expect(keys.derive('a').equals(keys.derive('b'))).toBe(false)
    expect(keys.derive('a').equals(keys.derive('a'))).toBe(true)
  })
})
