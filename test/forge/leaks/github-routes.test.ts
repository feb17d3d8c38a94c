import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

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
const URL_OF_FIND = 'https://github.com/octocat/Hello-World/blob/main/.mcp.json'

const github = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })

let forge: TestForge
let alice: TestUser
let instance: TestInstance
let published: Record<string, KeyObject>
let asked: string[]
let isAway: boolean

/** GitHub's list of keys, as its meta API answers. */
const fetchKeys: typeof fetch = async (url) => {
  asked.push(url instanceof Request ? url.url : url.toString())
  if (isAway) throw new TypeError('fetch failed')

  const list = Object.entries(published).map(([key_identifier, key]) => {
    return { key_identifier, key: key.export({ type: 'spki', format: 'pem' }), is_current: true }
  })
  return Response.json({ public_keys: list })
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  published = { 'key-1': github.publicKey }
  asked = []
  isAway = false
  forge = await startForge({ settings: { githubAlerts: { fetch: fetchKeys } } })
  alice = await createUser(forge, { username: 'alice' })
  const team = await createTeam(forge, { owner: alice })
  instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
})
afterEach(async () => {
  await forge.close()
  vi.useRealTimers()
})

interface Sending {
  key?: KeyObject
  keyId?: string
  sent?: string
}

function alert(payload: string, { key = github.privateKey, keyId = 'key-1', sent = payload }: Sending = {}) {
  return forge.app.inject({
    method: 'POST',
    url: '/api/v1/credentials/github-alerts',
    headers: {
      'content-type': 'application/json',
      'github-public-key-identifier': keyId,
      'github-public-key-signature': sign('sha256', Buffer.from(payload), key).toString('base64'),
    },
    payload: sent,
  })
}

const found = (token: string, more: object = {}) => ({ token, type: 'forge_pat', url: URL_OF_FIND, ...more })
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
const browse = async <T>(path: string) => (await (await openBrowser(forge, alice))('GET', path)).json<T>()

describe('POST /api/v1/credentials/github-alerts', () => {
  it('revokes what was found, tells its owner where, and tells GitHub what was real', async () => {
    const { id, token } = await mintToken(forge, { user: alice, instance })
    // Blanks and an unknown field: what counts are the bytes that were signed.
    const answer = await alert(
      `[ ${JSON.stringify(found(token, { source: 'content' }))},${JSON.stringify(found('x'))} ]`,
    )

    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual([
      { token_hash: hashOf(token), token_type: 'forge_pat', label: 'true_positive' },
      { token_hash: hashOf('x'), token_type: 'forge_pat', label: 'false_positive' },
    ])
    expect(await browse(`/api/v1/tokens/${id}`)).toMatchObject({ state: 'revoked', endReason: 'leaked' })
    expect(await browse('/api/v1/notices')).toMatchObject({
      notices: [{ kind: 'token-leaked', body: { source: 'github', url: URL_OF_FIND } }],
    })
  })

  it('answers a replay the same, and changes nothing more', async () => {
    const { token } = await mintToken(forge, { user: alice, instance })
    const payload = JSON.stringify([found(token)])

    const answers = [await alert(payload), await alert(payload)]
    expect(answers[1]?.json()).toEqual(answers[0]?.json())
    expect(await browse('/api/v1/notices')).toMatchObject({ count: 1 })
  })

  it.each<[string, Sending]>([
    ['another key', { key: stranger.privateKey }],
    ['a key id that GitHub does not know', { keyId: 'key-2' }],
    ['a body that was changed on the way', { sent: '[{"token":"y","type":"forge_pat"}]' }],
  ])('refuses %s, and revokes nothing', async (_what, sending) => {
    const { id, token } = await mintToken(forge, { user: alice, instance })
    const answer = await alert(JSON.stringify([found(token)]), sending)

    expect(answer.statusCode).toBe(401)
    expect(answer.json()).toMatchObject({ code: 'invalid_signature' })
    expect(await browse(`/api/v1/tokens/${id}`)).toMatchObject({ state: 'active' })
  })

  it('refuses an alert without a signature', async () => {
    const answer = await forge.app.inject({ method: 'POST', url: '/api/v1/credentials/github-alerts', payload: [] })

    expect(answer.statusCode).toBe(401)
    expect(asked).toEqual([])
  })

  it('refuses a signed body that is no alert', async () => {
    expect((await alert('{"token":1}')).statusCode).toBe(400)
    expect((await alert('[{')).statusCode).toBe(400)
  })

  it('asks for the keys once an hour, and sooner for a key that it does not know', async () => {
    await alert('[]')
    vi.setSystemTime(NOW + 59 * 60_000)
    await alert('[]')
    expect(asked).toEqual(['https://api.github.com/meta/public_keys/secret_scanning'])

    published = { 'key-2': stranger.publicKey }
    expect((await alert('[]', { key: stranger.privateKey, keyId: 'key-2' })).statusCode).toBe(200)
    await alert('[]', { keyId: 'made-up' })
    await alert('[]', { keyId: 'made-up' })
    expect(asked).toHaveLength(2)
  })

  it('says that it is unavailable while GitHub does not give its keys', async () => {
    isAway = true
    const answer = await alert('[]')

    expect(answer.statusCode).toBe(503)
    expect(answer.headers['retry-after']).toBe('60')
    isAway = false
    expect((await alert('[]')).statusCode).toBe(200)
  })

  it('takes no key of another kind', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    published = { 'key-1': other.publicKey }

    expect((await alert('[]', { key: other.privateKey })).statusCode).toBe(401)
  })

  it('does not exist unless the forge wants it', async () => {
    await forge.close()
    forge = await startForge()

    expect((await alert('[]')).statusCode).toBe(404)
  })
})
