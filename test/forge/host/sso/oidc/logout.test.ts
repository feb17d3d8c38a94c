import type { JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ProviderOf } from '../../../../../forge/contract/sso.ts'
import { openBrowser } from '../../../../support/builders.ts'
import { startForge, type TestForge } from '../../../../support/forge.ts'
import { createForgedIdp, type ForgedIdp } from '../../../../support/sso/forged-idp.ts'
import { providerInput } from '../samples.ts'
import { useSsoWorld } from '../scene.ts'

const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} }

describe('with a real provider', () => {
  const world = useSsoWorld()
  const isIn = async (browser: Awaited<ReturnType<typeof world.signIn>>) =>
    (await browser.call('GET', '/api/v1/user')).statusCode === 200

  /** What the provider sends by itself, delivered to the forge. */
  async function sendLogout(sid: string, sessionRequired: boolean) {
    const { idp, forge } = world
    const client = await idp.provider.Client.find(idp.clientId)
    if (!client) throw new Error('no client')
    Object.assign(client, { backchannelLogoutSessionRequired: sessionRequired })
    const sent: string[] = []
    idp.deliver = async (url, body) => {
      sent.push(body)
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return (await forge.app.inject({ method: 'POST', url, headers, payload: body })).statusCode
    }
    await (client as unknown as { backchannelLogout(sub: string, sid: string): Promise<void> }).backchannelLogout(
      'alice-1',
      sid,
    )
    return sent
  }

  it('signs out there too, with the ID token as a hint', async () => {
    const alice = await world.signIn('alice-1')
    const answer = await alice.call('POST', '/account/logout')
    const { next } = answer.json<{ next: string }>()
    const url = new URL(next)
    expect([answer.statusCode, url.origin]).toEqual([200, world.idp.issuer])
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${world.forge.url}/login`)
    expect(url.searchParams.get('id_token_hint')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect((await fetch(next)).status).toBe(200)
    expect(await isIn(alice)).toBe(false)

    const stored = JSON.stringify(await world.forge.db.query('SELECT * FROM sessions'))
    expect(stored).not.toContain(url.searchParams.get('id_token_hint'))
  })

  it('ends the one session that the provider names, with an entry in the log', async () => {
    const [one, two] = [await world.signIn('alice-1'), await world.signIn('alice-1')]
    const sessions = await world.forge.store.Session.findAll({ where: { providerId: world.provider.id } })
    expect(new Set(sessions.map(({ providerSid }) => providerSid)).size).toBe(2)
    const [first] = sessions

    await sendLogout(first?.providerSid ?? '', true)
    expect([await isIn(one), await isIn(two)].sort()).toEqual([false, true])
    expect(await world.forge.store.Identity.findOne()).toMatchObject({ signedInAt: expect.any(Date) as Date })

    const left = (await isIn(one)) ? one : two
    const { log } = (await left.call('GET', '/api/v1/tokens/audit-log')).json<{ log: { event: string }[] }>()
    expect(log.filter(({ event }) => event === 'user.session.ended')).toHaveLength(1)
  })

  it('ends everything of a person whom it names without a session, and takes their sign-in back', async () => {
    const [one, two] = [await world.signIn('alice-1'), await world.signIn('alice-1')]
    await sendLogout('', false)
    expect([await isIn(one), await isIn(two)]).toEqual([false, false])
    expect(await world.forge.store.Identity.findOne()).toMatchObject({ signedInAt: null })
  })

  it('takes each logout token once', async () => {
    await world.signIn('alice-1')
    const [sent = ''] = await sendLogout('', false)
    const again = await world.signIn('alice-1')

    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const url = world.provider.addresses.backchannelLogout
    const replayed = await world.forge.app.inject({ method: 'POST', url, headers, payload: sent })
    expect(replayed.statusCode).toBe(400)
    expect(await isIn(again)).toBe(true)
  })
})

describe('a logout token', () => {
  let forge: TestForge
  let idp: ForgedIdp
  let provider: ProviderOf<'oidc'>

  beforeAll(async () => {
    idp = await createForgedIdp()
    forge = await startForge()
    const admin = await openBrowser(forge, forge.admin)
    const input = providerInput()
    const body = { ...input, oidc: { ...input.oidc, issuer: idp.issuer } }
    provider = (await admin('POST', '/api/v1/sso/providers', body)).json<ProviderOf<'oidc'>>()
  })
  afterAll(async () => {
    await forge.close()
    await idp.stop()
  })

  const now = () => Math.floor(Date.now() / 1000)
  let count = 0
  const claims = (change: object = {}): JWTPayload => ({
    iss: idp.issuer,
    aud: 'forge',
    sub: 'alice-1',
    iat: now(),
    exp: now() + 120,
    jti: `token-${count++}`,
    events: EVENTS,
    ...change,
  })

  async function send(token: string): Promise<number> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const payload = new URLSearchParams({ logout_token: token }).toString()
    return (await forge.app.inject({ method: 'POST', url: provider.addresses.backchannelLogout, headers, payload }))
      .statusCode
  }

  it('is taken when it is right, even of somebody whom nobody knows', async () => {
    expect(await send(await idp.sign(claims(), { typ: 'logout+jwt' }))).toBe(200)
  })

  it.each<[string, () => Promise<string>]>([
    ['another issuer', () => idp.sign(claims({ iss: 'https://evil.example' }))],
    ['another audience', () => idp.sign(claims({ aud: 'x' }))],
    ['a nonce, as an ID token has one', () => idp.sign(claims({ nonce: 'x' }))],
    ['no event', () => idp.sign(claims({ events: undefined }))],
    ['another event', () => idp.sign(claims({ events: { 'urn:other': {} } }))],
    ['neither session nor subject', () => idp.sign(claims({ sub: undefined }))],
    ['no id', () => idp.sign(claims({ jti: undefined }))],
    ['no time', () => idp.sign(claims({ iat: undefined }))],
    ['a time long ago', () => idp.sign(claims({ iat: now() - 3600, exp: now() + 120 }))],
    ['an end that is over', () => idp.sign(claims({ exp: now() - 300 }))],
    ['another key', () => idp.sign(claims(), {}, idp.otherKeys.privateKey)],
    ['alg none', () => Promise.resolve(`${encode({ alg: 'none' })}.${encode(claims())}.`)],
    ['junk in its place', () => Promise.resolve('x.y.z')],
  ])('is refused with %s', async (_, forged) => {
    expect(await send(await forged())).toBe(400)
  })

  it('is answered 503 while the provider cannot be asked for its keys, so that it is sent again', async () => {
    const gone = await createForgedIdp()
    const admin = await openBrowser(forge, forge.admin)
    const input = providerInput({ domains: ['gone.example'] })
    const body = { ...input, oidc: { ...input.oidc, issuer: gone.issuer } }
    const { addresses } = (await admin('POST', '/api/v1/sso/providers', body)).json<ProviderOf<'oidc'>>()
    await gone.stop()

    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const payload = new URLSearchParams({ logout_token: await gone.sign(claims()) }).toString()
    const answer = await forge.app.inject({ method: 'POST', url: addresses.backchannelLogout, headers, payload })
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '30'])
  })

  it('leads to another provider only as one that nobody knows', async () => {
    const url = `${forge.url}/account/sso/nobody/backchannel-logout`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await forge.app.inject({ method: 'POST', url, headers, payload: 'logout_token=x' })
    expect(answer.statusCode).toBe(404)
  })
})

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
