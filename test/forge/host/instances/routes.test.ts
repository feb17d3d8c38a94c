import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Instance, IssuedCredential } from '../../../../forge/contract/host.ts'
import { setOverride } from '../../../support/builders.ts'
import { startForge, type TestForge } from '../../../support/forge.ts'
import { setScene, type Scene } from '../scene.ts'
import { eventually } from '../../../support/eventually.ts'

let forge: TestForge
let scene: Scene
let url: string
beforeAll(async () => {
  forge = await startForge()
})
beforeEach(async () => {
  scene = await setScene(forge)
  url = `/api/v1/instances/${scene.instance.id}`
})
afterEach(() => {
  vi.useRealTimers()
})
afterAll(() => forge.close())

const introspect = (credential: string) =>
  forge.app.inject({
    method: 'POST',
    url: '/oauth/introspect',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'token=x',
  })
const issue = async () => (await scene.as.owner('POST', `${url}/credentials`)).json<IssuedCredential>().credential
const credentialOf = async () => (await scene.as.viewer('GET', url)).json<Instance>().credential

describe('POST /api/v1/instances', () => {
  it.each([
    'ftp://line-4.example.com',
    'https://user:pass@line-4.example.com',
    'https://line-4.example.com/?x=1',
    'https://line-4.example.com/#x',
    'javascript:alert(1)',
    'line-4',
    `https://${'x'.repeat(500)}.example.com`,
  ])('takes no address such as %s', async (address) => {
    const body = { applicationId: scene.application.id, name: 'x', url: address }

    expect((await scene.as.owner('POST', '/api/v1/instances', body)).statusCode).toBe(400)
  })
})

describe('PATCH /api/v1/instances/:id', () => {
  it('changes what it names', async () => {
    const answer = await scene.as.owner('PATCH', url, { url: 'https://moved.example.com/red' })

    expect(answer.json()).toMatchObject({ name: scene.instance.name, url: 'https://moved.example.com/red' })
  })

  it('lets an owner by override mark an instance as production, and only an owner of the team take the mark away', async () => {
    const { application, people } = scene
    await setOverride(forge, { application, user: people.viewer, role: 'owner' })

    expect((await scene.as.viewer('PATCH', url, { production: true })).statusCode).toBe(200)
    expect((await scene.as.viewer('PATCH', url, { production: false })).statusCode).toBe(403)
    expect((await scene.as.viewer('GET', url)).json<Instance>().production).toBe(true)
    expect((await scene.as.owner('PATCH', url, { production: false })).json<Instance>().production).toBe(false)
  })
})

describe('POST /api/v1/instances/:id/credentials', () => {
  it('shows a credential once, and keeps only a keyed hash of it', async () => {
    const answer = await scene.as.owner('POST', `${url}/credentials`)

    expect(answer.statusCode).toBe(201)
    expect(answer.headers['cache-control']).toBe('no-store')
    const { credential } = answer.json<IssuedCredential>()
    expect(credential).toMatch(/^fft_[\w-]{43}$/)
    const row = await forge.store.Credential.findByPk(scene.instance.id)
    expect(row?.secretHash).toMatch(/^[0-9a-f]{64}$/)
    expect((await scene.as.owner('GET', url)).body).not.toContain(credential)
  })

  it('ends the one before at once', async () => {
    const first = scene.instance.credential
    expect((await introspect(first)).statusCode).toBe(200)

    const second = await issue()

    expect((await introspect(first)).statusCode).toBe(401)
    expect((await introspect(second)).statusCode).toBe(200)
  })

  it('writes the last use down, at most every 30 seconds', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-23T08:00:00Z') })
    const credential = await issue()
    expect(await credentialOf()).toEqual({ createdAt: '2026-11-23T08:00:00.000Z', lastUsedAt: null })

    await introspect(credential)
    await eventually(async () => expect((await credentialOf())?.lastUsedAt).toBe('2026-11-23T08:00:00.000Z'))

    vi.setSystemTime(Date.parse('2026-11-23T08:00:29Z'))
    await introspect(credential)
    vi.setSystemTime(Date.parse('2026-11-23T08:00:30Z'))
    await introspect(credential)
    await eventually(async () => expect((await credentialOf())?.lastUsedAt).toBe('2026-11-23T08:00:30.000Z'))
  })

  it('knows no instance that is gone', async () => {
    await scene.as.owner('DELETE', url)

    expect((await scene.as.admin('POST', `${url}/credentials`)).statusCode).toBe(404)
    expect((await introspect(scene.instance.credential)).statusCode).toBe(401)
  })
})
