import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { checksum } from '../../forge/contract/token-format.ts'
import { httpNodeMiddleware } from '../../instance/middleware.ts'
import { createApplication, createInstance, createTeam, mintToken, setOverride, signIn } from '../support/builders.ts'
import { listen } from './support/listen.ts'
import { startForgeWithTeam, type ForgeWithTeam } from './support/team.ts'

let team: ForgeWithTeam

beforeAll(async () => {
  team = await startForgeWithTeam('https://press.example.com')
})
afterAll(() => team.forge.close())

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  vi.advanceTimersByTime(1)
})
afterEach(() => {
  vi.useRealTimers()
})

/** A plain server behind the middleware, which is an instance of the real forge. */
async function startInstance(instanceId?: string) {
  const middleware = httpNodeMiddleware({
    forgeUrl: team.forge.url,
    instanceId,
    instanceToken: team.instance.credential,
    resourceUrl: team.instance.url,
    log: () => undefined,
  })
  const server = await listen((request, response) => {
    middleware(request, response, () => response.end(JSON.stringify((request as { user?: unknown }).user)))
  })
  onTestFinished(server.close)

  const call = (token: string) => fetch(server.url, { headers: { authorization: `Bearer ${token}` } })
  return {
    call,
    status: async (token: string) => (await call(token)).status,
    introspector: middleware.link.introspector,
  }
}

describe('an instance of a real forge', () => {
  it.each([
    ['bearer', () => undefined],
    ['HTTP Basic', () => team.instance.id],
  ])('identifies the caller with its credential as %s', async (_, instanceId) => {
    const { call } = await startInstance(instanceId())
    const token = await team.mint(team.bob, { role: 'viewer' })

    expect(await (await call(token)).json()).toEqual({
      userId: team.bob.id,
      username: 'bob',
      email: 'bob@example.com',
      name: 'Bob',
      image: '',
      role: 'viewer',
    })
  })

  it('refuses a secret that is not the one of the selector', async () => {
    const { status } = await startInstance()
    const body = `${(await team.mint(team.bob, { role: 'viewer' })).slice(0, 19)}${'0'.repeat(43)}`

    expect(await status(body + checksum(body))).toBe(401)
  })

  it('refuses a token for an instance of another team', async () => {
    const { status } = await startInstance()
    const other = await createTeam(team.forge, { owner: team.bob })
    const application = await createApplication(team.forge, { team: other })
    const instance = await createInstance(team.forge, { application })

    expect(await status((await mintToken(team.forge, { user: team.bob, instance })).token)).toBe(401)
  })

  it('forgets a token that was revoked while it was remembered: after ten seconds, or when told', async () => {
    const [first, second] = [await startInstance(), await startInstance()]
    const created = await mintToken(team.forge, { user: team.bob, instance: team.instance })
    expect([await first.status(created.token), await second.status(created.token)]).toEqual([200, 200])

    const url = `${team.forge.url}/api/v1/tokens/${created.id}`
    const headers = await signIn(team.forge, team.bob)
    expect((await team.forge.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(204)

    second.introspector.forget(created.id)
    expect(await second.status(created.token)).toBe(401)
    vi.advanceTimersByTime(10_001)
    expect(await first.status(created.token)).toBe(401)
  })

  it('sees a lowered role as soon as it asks again, and an override that shuts the person out', async () => {
    const { call, status, introspector } = await startInstance()
    const token = await team.mint(team.alice, { role: 'owner' })
    const application = { id: team.instance.applicationId, name: '', teamId: team.instance.teamId }
    expect(await (await call(token)).json()).toMatchObject({ role: 'owner' })

    await setOverride(team.forge, { application, user: team.alice, role: 'viewer' })
    introspector.forget()
    expect(await (await call(token)).json()).toMatchObject({ role: 'viewer' })

    await setOverride(team.forge, { application, user: team.alice, role: 'none' })
    introspector.forget()
    expect(await status(token)).toBe(401)
  })

  it('is 503, not 401, when its own credential is no longer good', async () => {
    const { status } = await startInstance('another-instance')

    expect(await status(await team.mint(team.bob, { role: 'viewer' }))).toBe(503)
  })
})
