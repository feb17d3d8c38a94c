import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { AuditLogPage } from '../../../forge/contract/audit.ts'
import type { CreateToken, Token, TokenPage, UsedToken } from '../../../forge/contract/token.ts'
import { createApplication, createInstance, createTeam, mintToken, openBrowser } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { eventually } from '../../support/eventually.ts'
import { startOAuthScene, type OAuthScene } from './support.ts'

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const MINUTE_MS = 60_000

/** Token exchange (RFC 8693), on either database. */
export function describeExchange(dialect: Dialect): void {
  let scene: OAuthScene
  beforeAll(async () => {
    scene = await startOAuthScene({ dialect })
  })
  afterAll(() => scene.forge.close())

  /** A writing token of the person for their whole team. */
  const mint = (body: Partial<CreateToken> = {}) =>
    mintToken(scene.forge, {
      user: scene.alice,
      instance: scene.instances[0],
      role: 'member',
      readOnly: false,
      grants: [{ type: 'team', id: scene.team.id }],
      ...body,
    })
  const route = (from: number, to: number) => {
    const [a, b] = [scene.instances[from], scene.instances[to]]
    if (!a || !b) throw new Error('there is no such instance')
    return { from: a, to: b }
  }
  const revoke = (id: string) => scene.browser('DELETE', `/api/v1/tokens/${id}`)

  it('gives a token of the same person for the one other instance, for 15 minutes', async () => {
    const { id, token } = await mint()
    const [a, b, c] = scene.instances

    const answer = await scene.exchange(token, route(0, 1))

    expect(answer).toEqual({
      status: 200,
      access_token: expect.stringMatching(/^ffpat_/),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: 900,
      scope: 'mcp:read mcp:write',
    })
    const exchanged = answer.access_token ?? ''
    expect(await scene.introspect(exchanged, b)).toMatchObject({
      active: true,
      sub: scene.alice.id,
      act: { sub: a.id },
      forge: { cacheSeconds: 1 },
    })
    expect(await scene.introspect(exchanged, a)).toEqual({ active: false })
    expect(await scene.introspect(exchanged, c)).toEqual({ active: false })

    const { tokens } = (await scene.browser('GET', '/api/v1/tokens')).json<TokenPage>()
    expect(tokens[0]).toMatchObject({
      issuedVia: 'exchange',
      issuedTo: { id: a.id, name: a.name },
      parentId: id,
      grants: [{ type: 'instance', id: b.id }],
    } satisfies Partial<Token> | object)
  })

  it('names those who acted before within who acts now, three times at most', async () => {
    const [a, b, c, d] = scene.instances
    const first = await scene.exchange((await mint()).token, route(0, 1))
    const second = await scene.exchange(first.access_token ?? '', route(1, 2))
    const third = await scene.exchange(second.access_token ?? '', route(2, 3))
    const fourth = await scene.exchange(third.access_token ?? '', route(3, 0))

    expect(await scene.introspect(third.access_token ?? '', d)).toMatchObject({
      active: true,
      act: { sub: c.id, act: { sub: b.id, act: { sub: a.id } } },
    })
    expect(fourth).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  it('ends with every token of the line that it came of', async () => {
    const { token } = await mint()
    const first = await scene.exchange(token, route(0, 1))
    const second = await scene.exchange(first.access_token ?? '', route(1, 2))
    expect(await scene.introspect(second.access_token ?? '', scene.instances[2])).toMatchObject({ active: true })

    await scene.post('/oauth/revoke', { token: first.access_token ?? '' }, `Bearer ${scene.instances[0].credential}`)

    expect(await scene.introspect(second.access_token ?? '', scene.instances[2])).toEqual({ active: false })
    expect(await scene.introspect(token, scene.instances[0])).toMatchObject({ active: true })
  })

  it('reaches nothing that the first token of the line does not', async () => {
    const grants = [0, 1].map((i) => ({ type: 'instance' as const, id: route(i, 0).from.id }))
    const first = await scene.exchange((await mint({ grants })).token, route(0, 1))

    expect(await scene.exchange(first.access_token ?? '', route(1, 2))).toMatchObject({ error: 'invalid_target' })
  })

  it('keeps its token from being narrowed to what that was used for by itself', async () => {
    const { id, token } = await mint()
    const shrink = async () => (await scene.browser('GET', `/api/v1/tokens/${id}/used`)).json<UsedToken>().shrink
    const [a] = scene.instances
    await scene.introspect(token, a)
    await eventually(async () => expect(await shrink()).toEqual({ grants: [{ type: 'instance', id: a.id }] }))

    expect(await scene.exchange(token, route(0, 1))).toMatchObject({ status: 200 })
    expect(await shrink()).toBeNull()
  })

  it('ends with the token that it was exchanged for', async () => {
    const { id, token } = await mint()
    const exchanged = (await scene.exchange(token, route(0, 1))).access_token ?? ''

    await revoke(id)

    expect(await scene.introspect(exchanged, scene.instances[1])).toEqual({ active: false })
  })

  it('is no more than its parent is now, when that is narrowed afterwards', async () => {
    const { id, token } = await mint()
    const exchanged = (await scene.exchange(token, route(0, 1))).access_token ?? ''
    const patch = (body: object) => scene.browser('PATCH', `/api/v1/tokens/${id}`, body)

    await patch({ role: 'viewer', readOnly: true })
    expect(await scene.introspect(exchanged, scene.instances[1])).toMatchObject({
      roles: ['viewer'],
      scope: 'mcp:read',
    })

    await patch({ grants: [{ type: 'instance', id: scene.instances[0].id }] })
    expect(await scene.introspect(exchanged, scene.instances[1])).toEqual({ active: false })
  })

  it('never outlives its parent', async () => {
    const { token } = await mint({ expiresAt: new Date(Date.now() + 2 * MINUTE_MS).toISOString() })

    const { expires_in: seconds } = await scene.exchange(token, route(0, 1))

    expect(seconds).toBeLessThanOrEqual(120)
  })

  it('reads alone when that is asked for, and refuses to write with what may only read', async () => {
    const writing = await mint()
    const reading = await mint({ readOnly: true })

    expect(await scene.exchange(writing.token, route(0, 1), { scope: 'mcp:read' })).toMatchObject({ scope: 'mcp:read' })
    const refusal = await scene.exchange(reading.token, route(0, 1), { scope: 'mcp:read mcp:write' })
    expect(refusal).toMatchObject({ status: 400, error: 'invalid_scope' })
  })

  it('can be neither replaced nor changed by its owner, only revoked', async () => {
    await scene.exchange((await mint()).token, route(0, 1))
    const [exchanged] = (await scene.browser('GET', '/api/v1/tokens')).json<TokenPage>().tokens
    const path = `/api/v1/tokens/${exchanged?.id}`

    expect((await scene.browser('POST', `${path}/rotate`, {})).statusCode).toBe(409)
    expect((await scene.browser('PATCH', path, { role: 'viewer' })).statusCode).toBe(409)
    expect((await scene.browser('DELETE', path)).statusCode).toBe(204)
  })

  it('is written into the logs of its owner and of the team, with the instance as the actor', async () => {
    const { id, name, token } = await mint()
    await scene.exchange(token, route(0, 1))
    const [exchanged] = (await scene.browser('GET', '/api/v1/tokens')).json<TokenPage>().tokens

    const { log } = (
      await scene.browser('GET', `/api/v1/tokens/audit-log?tokenId=${exchanged?.id}`)
    ).json<AuditLogPage>()
    expect(log).toEqual([
      expect.objectContaining({
        event: 'user.pat.created',
        trigger: expect.objectContaining({ type: 'instance', id: scene.instances[0].id }),
        body: expect.objectContaining({ issuedVia: 'exchange', parent: { id, name } }),
      }),
    ])
  })

  it('can be given back by the instance that exchanged for it, and by no other', async () => {
    const exchanged = (await scene.exchange((await mint()).token, route(0, 1))).access_token ?? ''
    const [a, b] = scene.instances

    const foreign = await scene.post('/oauth/revoke', { token: exchanged }, `Bearer ${b.credential}`)
    expect(foreign.statusCode).toBe(400)
    const own = await scene.post('/oauth/revoke', { token: exchanged }, `Bearer ${a.credential}`)
    expect(own.statusCode).toBe(200)
    expect(await scene.introspect(exchanged, b)).toEqual({ active: false })
  })

  describe('refuses', () => {
    const refused = async (form: Record<string, string>, subject?: string) => {
      const { status, error } = await scene.exchange(subject ?? (await mint()).token, route(0, 1), form)
      return [status, error]
    }

    it.each<[string, Record<string, string>, string]>([
      ['another kind of subject', { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }, 'invalid_request'],
      [
        'another kind of answer',
        { requested_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
        'invalid_request',
      ],
      ['an actor token', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }, 'invalid_request'],
      ['an audience', { audience: 'somebody' }, 'invalid_target'],
      ['no resource', { resource: '' }, 'invalid_target'],
      ['an address of nobody', { resource: 'https://nobody.example' }, 'invalid_target'],
      ['an unknown scope', { scope: 'everything' }, 'invalid_scope'],
      ['no subject', { subject_token: '' }, 'invalid_request'],
    ])('%s', async (_what, form, error) => {
      expect(await refused(form)).toEqual([400, error])
    })

    it('a subject that is junk, revoked, or not for the instance that shows it, all alike', async () => {
      const revoked = await mint()
      await revoke(revoked.id)
      const elsewhere = await mint({ grants: [{ type: 'instance', id: scene.instances[1].id }] })

      for (const subject of ['junk', revoked.token, elsewhere.token]) {
        expect(await refused({}, subject)).toEqual([400, 'invalid_request'])
      }
    })

    it('its own instance, and one that the subject does not reach', async () => {
      const { token } = await mint({ grants: [{ type: 'instance', id: scene.instances[0].id }] })
      expect(await refused({ resource: scene.instances[0].url }, token)).toEqual([400, 'invalid_target'])
      expect(await refused({}, token)).toEqual([400, 'invalid_target'])
    })

    it('an instance of a team that the person is not in', async () => {
      const team = await createTeam(scene.forge)
      const foreign = await createInstance(scene.forge, { application: await createApplication(scene.forge, { team }) })
      expect(await refused({ resource: foreign.url })).toEqual([400, 'invalid_target'])
    })

    it('a caller without the credential of an instance', async () => {
      const { token } = await mint()
      const form = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: token }
      for (const authorization of [undefined, `Bearer ${token}`]) {
        const answer = await scene.post('/oauth/token', form, authorization)
        expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([401, 'invalid_client'])
        expect(answer.headers['www-authenticate']).toBeDefined()
      }
    })
  })

  it('counts for itself: a person with as many tokens as they may have still gets one exchanged', async () => {
    const small = await startOAuthScene({ dialect, settings: { maxTokensPerUser: 1 } })
    const { token } = await mintToken(small.forge, {
      user: small.alice,
      instance: small.instances[0],
      grants: [{ type: 'team', id: small.team.id }],
    })
    const [from, to] = small.instances

    expect(await small.exchange(token, { from, to })).toMatchObject({ status: 200 })
    const again = await (await openBrowser(small.forge, small.alice))('DELETE', '/api/v1/tokens/none')
    expect(again.statusCode).toBe(404)
    await small.forge.close()
  })
}
