import { describe, expect, it } from 'vitest'

import { createPasswords } from '../../../../forge/host/users/passwords.ts'

describe('passwords', () => {
  it('are kept as argon2id with the parameters that OWASP recommends', async () => {
    expect(await createPasswords().hash('correct horse')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  it('match themselves and nothing else', async () => {
    const passwords = createPasswords()
    const hash = await passwords.hash('correct horse')

    expect(await passwords.matches('correct horse', hash)).toBe(true)
    expect(await passwords.matches('Correct horse', hash)).toBe(false)
    expect(await passwords.matches('', hash)).toBe(false)
  })

  it('match nothing for a user who does not exist', async () => {
    expect(await createPasswords().matches('correct horse', null)).toBe(false)
  })

  it('may be long and in any script', async () => {
    const passwords = createPasswords()
    const password = '密码🔐'.repeat(60)

    expect(await passwords.matches(password, await passwords.hash(password))).toBe(true)
    expect(await passwords.matches(`${password}!`, await passwords.hash(password))).toBe(false)
  })

  it('turn away who would wait too long, and serve the rest', async () => {
    const passwords = createPasswords()
    const tries = Array.from({ length: 60 }, () => passwords.matches('x', null))

    const results = await Promise.allSettled(tries)

    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(8)
    expect(refused[0]?.reason).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 })
    await expect(passwords.matches('x', null)).resolves.toBe(false)
  })
})
