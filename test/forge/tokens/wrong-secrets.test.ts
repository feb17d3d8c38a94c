import { afterEach, expect, it, vi } from 'vitest'

import type { Refusal } from '../../../forge/audit/refusals.ts'
import type { TokenStore } from '../../../forge/tokens/store.ts'
import { createWrongSecrets } from '../../../forge/tokens/wrong-secrets.ts'

afterEach(() => void vi.useRealTimers())

it('waits, when it is closed, for what it has begun to look up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const alice = { id: 'alice', username: 'alice', name: 'Alice', email: '', suspended: false }
  let answer: (people: object[]) => void = () => undefined
  const noted: Refusal[] = []
  const host = {
    directory: { people: () => new Promise<object[]>((resolve) => (answer = resolve)) },
    audit: { noteRefusal: (refusal: Refusal) => void noted.push(refusal) },
  }
  const wrongSecrets = createWrongSecrets(host as unknown as TokenStore, (error) => {
    throw error
  })

  const token = { id: 'a-token', name: 'a token', userId: 'alice' }
  wrongSecrets.note({ token, instanceId: null, requestId: 'a-request', address: '192.0.2.7' })
  await vi.advanceTimersByTimeAsync(5_000)
  const closed = wrongSecrets.close().then(() => noted.length)
  answer([alice])

  expect(await closed).toBe(1)
})
