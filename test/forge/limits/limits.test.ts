import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { formatToken, parseToken } from '../../../forge/contract/token-format.ts'
import type { LimitOptions } from '../../../forge/limits/limits.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')

let forge: TestForge
let alice: TestUser
let instance: TestInstance

async function start(limits: LimitOptions): Promise<void> {
  forge = await startForge({ settings: { limits }, trustProxy: true })
  alice = await createUser(forge, { username: 'alice' })
  const team = await createTeam(forge, { owner: alice })
  instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterEach(async () => {
  await forge.close()
  vi.useRealTimers()
})

function introspect(token: string, { credential = instance.credential, from = '192.0.2.1' } = {}) {
  return forge.app.inject({
    method: 'POST',
    url: '/oauth/introspect',
    headers: {
      authorization: `Bearer ${credential}`,
      'content-type': 'application/x-www-form-urlencoded',
      'x-forwarded-for': from,
    },
    payload: new URLSearchParams({ token }).toString(),
  })
}

/** Another secret behind a selector, with a checksum that is right. */
function wrongSecret(token: string, last: string): string {
  const parts = parseToken(token)
  if (!parts) throw new Error('not a token')
  return formatToken({ ...parts, secret: parts.secret.slice(0, -1) + last })
}

const junk = (n: number) => formatToken({ selector: `junk${n}`.padEnd(12, '0'), secret: 'x'.repeat(43) })

const INACTIVE = { active: false }
const OVERLOADED = { error: 'temporarily_unavailable', error_description: expect.any(String) }

describe('the limit of minting', () => {
  const body = () => ({
    name: 'a token',
    role: 'viewer',
    readOnly: true,
    grants: [{ type: 'instance', id: instance.id }],
    expiresAt: '2026-11-24T12:00:00.000Z',
  })

  it('holds for a person, over minting and rotating, and says when to come back', async () => {
    await start({ mint: { max: 2, windowSeconds: 60 } })
    const browser = await openBrowser(forge, alice)

    const minted = await browser('POST', '/api/v1/tokens', body())
    const rotated = await browser('POST', `/api/v1/tokens/${minted.json<{ id: string }>().id}/rotate`, {})
    vi.setSystemTime(NOW + 20_000)
    const refused = await browser('POST', '/api/v1/tokens', body())

    expect([minted.statusCode, rotated.statusCode, refused.statusCode]).toEqual([201, 201, 429])
    expect(refused.json()).toEqual({ code: 'too_many_requests', error: expect.stringContaining('Retry-After') })
    expect(refused.headers).toMatchObject({
      'retry-after': '40',
      'ratelimit-policy': '"mint";q=2;w=60',
      ratelimit: '"mint";r=0;t=40',
    })
  })

  it('tells what is left with every answer', async () => {
    await start({ mint: { max: 2, windowSeconds: 60 } })
    const browser = await openBrowser(forge, alice)

    expect((await browser('POST', '/api/v1/tokens', body())).headers).toMatchObject({ ratelimit: '"mint";r=1;t=60' })
  })

  it('is another than that of changing tokens', async () => {
    await start({ mint: { max: 1, windowSeconds: 60 }, edit: { max: 2, windowSeconds: 60 } })
    const browser = await openBrowser(forge, alice)
    const { id } = (await browser('POST', '/api/v1/tokens', body())).json<{ id: string }>()

    const answers = []
    for (const name of ['b', 'c', 'd']) answers.push(await browser('PATCH', `/api/v1/tokens/${id}`, { name }))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429])
    expect(answers[2]?.headers).toMatchObject({ 'ratelimit-policy': '"edit";q=2;w=60' })
  })

  it('leaves other people and other requests alone', async () => {
    await start({ mint: { max: 1, windowSeconds: 60 } })
    const team = await createTeam(forge, { owner: await createUser(forge, { username: 'bob' }) })
    const bob = await forge.store.User.findOne({ where: { username: 'bob' }, rejectOnEmpty: true })
    const other = await createInstance(forge, { application: await createApplication(forge, { team }) })
    const browser = await openBrowser(forge, alice)
    await browser('POST', '/api/v1/tokens', body())

    expect((await browser('GET', '/api/v1/tokens')).statusCode).toBe(200)
    await expect(mintToken(forge, { user: bob, instance: other })).resolves.toMatchObject({ state: 'active' })
  })
})

describe('the limit of failed presentations', () => {
  it('refuses who goes on guessing behind one selector, and never the right secret', async () => {
    await start({ failedSelector: { max: 2, windowSeconds: 60 } })
    const { token } = await mintToken(forge, { user: alice, instance })
    const guesses = ['1', '2', '3'].map((last) => wrongSecret(token, last)).filter((guess) => guess !== token)

    expect((await introspect(guesses[0] ?? '')).json()).toEqual(INACTIVE)
    expect((await introspect(guesses[1] ?? '')).json()).toEqual(INACTIVE)
    const refused = await introspect(wrongSecret(token, token.charAt(61) === 'z' ? 'y' : 'z'))

    expect(refused.statusCode).toBe(429)
    expect(refused.json()).toEqual(OVERLOADED)
    expect(refused.headers['retry-after']).toBe('60')
    expect((await introspect(token)).json()).toMatchObject({ active: true })
  })

  it('refuses an instance that presents nothing but junk, and never a token that is right', async () => {
    await start({ failedCaller: { max: 2, windowSeconds: 60 } })
    const { token } = await mintToken(forge, { user: alice, instance })

    const answers = [await introspect(junk(1)), await introspect('nonsense'), await introspect(junk(2))]

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429])
    expect((await introspect(token)).json()).toMatchObject({ active: true })
  })

  it('counts a token that ended like one that never was, so that the count betrays neither', async () => {
    await start({ failedSelector: { max: 1, windowSeconds: 60 } })
    const { token, id } = await mintToken(forge, { user: alice, instance })
    await (
      await openBrowser(forge, alice)
    )('DELETE', `/api/v1/tokens/${id}`)

    const ended = [await introspect(token), await introspect(token)]
    const unknown = [await introspect(junk(1)), await introspect(junk(1))]

    expect(ended.map(({ statusCode }) => statusCode)).toEqual([200, 429])
    expect(ended.map(({ body }) => body)).toEqual(unknown.map(({ body }) => body))
  })

  it('refuses an address that tries instance credentials, and no one else behind the same proxy', async () => {
    await start({ failedCaller: { max: 1, windowSeconds: 60 } })

    const tries = [await introspect('x', { credential: 'fft_1' }), await introspect('x', { credential: 'fft_2' })]

    expect(tries.map(({ statusCode }) => statusCode)).toEqual([401, 429])
    expect((await introspect('x', { credential: 'fft_3', from: '192.0.2.2' })).statusCode).toBe(401)
    expect((await introspect('x')).statusCode).toBe(200)
  })
})

describe('the limit of introspection', () => {
  it('holds for each instance, as an OAuth error that no cache keeps', async () => {
    await start({ introspection: { max: 1, windowSeconds: 60 } })
    const { token } = await mintToken(forge, { user: alice, instance })
    const { applicationId: id, teamId, name } = instance
    const other = await createInstance(forge, { application: { id, name, teamId } })

    const first = await introspect(token)
    const refused = await introspect(token)

    expect([first.statusCode, refused.statusCode]).toEqual([200, 429])
    expect(refused.json()).toEqual(OVERLOADED)
    expect(refused.headers).toMatchObject({
      'retry-after': '60',
      'cache-control': 'no-store',
      'ratelimit-policy': '"introspection";q=1;w=60',
      ratelimit: '"introspection";r=0;t=60',
    })
    expect((await introspect(token, { credential: other.credential })).statusCode).toBe(200)
  })

  it('is none where the forge says so', async () => {
    await start({ introspection: null, failedSelector: null, failedCaller: { max: 1, windowSeconds: 60 } })
    await introspect(junk(1))

    const { token } = await mintToken(forge, { user: alice, instance })
    expect((await introspect(token)).statusCode).toBe(200)
  })
})
