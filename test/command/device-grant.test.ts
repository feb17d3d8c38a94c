import { describe, expect, it } from 'vitest'

import { waitForToken, type DeviceCode } from '../../command/device-grant.ts'
import { createFetch } from '../../command/http.ts'
import { nowhere } from './support/proxy.ts'
import { startSmallForge, type PollAnswer } from './support/small-forge.ts'

const code: DeviceCode = {
  deviceCode: 'device-code-of-the-test',
  userCode: 'WDJB-MJHT',
  verificationUri: '',
  verificationUriComplete: '',
  expiresInSeconds: 60,
  intervalSeconds: 5,
}

/** Waits with a clock that only the waiting moves. @returns the pauses in seconds, and what came out */
async function wait(polls: PollAnswer[], address?: string) {
  const forge = await startSmallForge({ polls })
  const endpoints = {
    issuer: '',
    deviceAuthorization: '',
    revocation: '',
    token: address ?? `${forge.url}/oauth/token`,
  }
  const pauses: number[] = []
  let time = 0
  const result = await waitForToken(endpoints, code, {
    fetch: await createFetch({}),
    signal: new AbortController().signal,
    pause: async (seconds) => {
      pauses.push(seconds)
      time += seconds * 1000
    },
    now: () => time,
  }).catch((error: unknown) => error)
  return { pauses, result, forge }
}

describe('waiting for a token (RFC 8628 section 3.5)', () => {
  it('keeps to the interval', async () => {
    const { pauses, result, forge } = await wait(['authorization_pending', 'authorization_pending', 'token'])
    expect(pauses).toEqual([5, 5, 5])
    expect(result).toBe(forge.issued[0])
  })

  it('slows down for good where that is asked', async () => {
    const { pauses } = await wait(['slow_down', 'authorization_pending', 'slow_down', 'token'])
    expect(pauses).toEqual([5, 10, 10, 15])
  })

  it('gives up when the code has expired, whatever the forge says', async () => {
    const { pauses, result } = await wait(['authorization_pending'])
    expect(pauses).toHaveLength(12)
    expect(result).toMatchObject({ message: expect.stringContaining('expired'), exitCode: 1 })
  })

  it('goes on, more slowly, when the forge is away for a while', async () => {
    const { pauses, result } = await wait(['token'], await nowhere())
    expect(pauses).toEqual([5, 10, 15, 20, 25])
    expect(result).toMatchObject({ message: expect.stringContaining('expired') })
  })
})
