import { PassThrough } from 'node:stream'

import rateLimit from '@fastify/rate-limit'
import fastify from 'fastify'
import { QueryTypes } from 'sequelize'
import { describe, expect, it, vi } from 'vitest'

import type { AuditEvent } from '../../../../../forge/contract/audit.ts'
import type { IssuedScimToken, ScimStatus } from '../../../../../forge/contract/scim.ts'
import { renderScimError } from '../../../../../forge/host/sso/scim/scim-error.ts'
import { createUser, openBrowser, signIn } from '../../../../support/builders.ts'
import { eventually } from '../../../../support/eventually.ts'
import { startForge } from '../../../../support/forge.ts'
import { createSecretKeys } from '../../../../../forge/keys.ts'
import { addProvider, GROUP, person, speakAs, USER, useScimForge, type ScimAnswer } from './scene.ts'

const world = useScimForge()
const at = (name: string) => `${name}@${world.domain}`
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'
const page = (path = '') => `/api/v1/sso/providers/${world.provider.id}/scim${path}`

/** A refusal is always of the same form. */
function expectRefusal({ status, type, body }: ScimAnswer, expected: number, scimType?: string): void {
  expect([status, type, body.scimType]).toEqual([expected, 'application/scim+json; charset=utf-8', scimType])
  expect(body).toMatchObject({
    schemas: [ERROR],
    status: String(expected),
    detail: expect.stringMatching(/\.$/) as string,
  })
}

describe('the token of a provider', () => {
  it.each<[string, () => Promise<Record<string, string>>]>([
    ['none', async () => ({})],
    ['an empty one', async () => ({ authorization: 'Bearer ' })],
    [
      'another one',
      async () => ({ authorization: `Bearer ${world.token.slice(0, -1)}${world.token.endsWith('A') ? 'B' : 'A'}` }),
    ],
    ['another scheme', async () => ({ authorization: `Basic ${world.token}` })],
    ['a very long one', async () => ({ authorization: `Bearer ${'x'.repeat(10_000)}` })],
    ['the session of an administrator', async () => signIn(world.forge, world.forge.admin)],
  ])('is not %s: 401 by the same one statement', async (_, headersOf) => {
    const headers = await headersOf()
    const query = vi.spyOn(world.forge.db, 'query')
    const answer = await world.scim('GET', '/Users', undefined, headers)
    // Beside it the housekeeper asks what it always asks.
    const asked = query.mock.calls.map(([sql]) => JSON.stringify(sql)).filter((sql) => /scim_|sessions|users/.test(sql))
    expect(asked).toEqual([expect.stringContaining('scim_connections')])
    expectRefusal(answer, 401)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="SCIM"')
  })

  it('is checked before anything else, whatever is asked', async () => {
    for (const path of ['/Users/x', '/ServiceProviderConfig', '/Schemas']) {
      expectRefusal(await world.scim('GET', path, undefined, {}), 401)
    }
    expectRefusal(await world.scim('POST', '/Users', '{', {}), 401)
    expectRefusal(await world.scim('POST', '/Groups', 'x'.repeat(600_000), { 'content-type': 'text/html' }), 401)
  })

  it('is shown once, and kept as a hash', async () => {
    expect(world.token).toMatch(/^ffscim_[\w-]{43}$/)
    expect((await world.admin('GET', page())).body).not.toContain(world.token)
    const tables = await world.forge.db.getQueryInterface().showAllTables()
    for (const table of tables) {
      const rows = await world.forge.db.query(`SELECT * FROM "${table}"`, { type: QueryTypes.SELECT })
      expect(JSON.stringify(rows), table).not.toContain(world.token.slice(7))
    }
  })

  it('ends when another one is made, and when SCIM is ended', async () => {
    await world.tell('alice')
    const again = await world.admin('POST', page('/token'))
    const { token, address } = again.json<IssuedScimToken>()
    expect([again.statusCode, again.headers['cache-control'], address]).toEqual([
      201,
      'no-store',
      `${world.forge.url}/scim/v2`,
    ])
    const bearer = { authorization: `Bearer ${token}` }
    expect((await world.scim('GET', '/Users')).status).toBe(401)
    expect((await world.scim('GET', '/Users', undefined, bearer)).body.totalResults).toBe(1)

    expect((await world.admin('DELETE', page('/token'))).statusCode).toBe(204)
    expect((await world.scim('GET', '/Users', undefined, bearer)).status).toBe(401)
    expect((await world.admin('DELETE', page('/token'))).statusCode).toBe(404)
    expect((await world.admin('GET', page())).json<ScimStatus>()).toMatchObject({ token: null, users: 0, groups: 0 })
  })

  it('is made and ended by administrators alone, with an entry each', async () => {
    const user = await openBrowser(world.forge, await createUser(world.forge))
    for (const [method, path] of [
      ['GET', page()],
      ['POST', page('/token')],
      ['DELETE', page('/token')],
    ] as const) {
      expect((await user(method, path)).statusCode).toBe(403)
      expect((await world.admin(method, path.replace(world.provider.id, 'nothing'))).statusCode).toBe(404)
    }
    await world.admin('DELETE', page('/token'))
    const entries = await world.forge.db.query<{ event: AuditEvent }>(
      `SELECT event FROM pat_audit_entries WHERE scope_type = 'platform' AND body LIKE '%${world.provider.id}%'`,
      { type: QueryTypes.SELECT },
    )
    expect(entries.map(({ event }) => event).sort()).toEqual([
      'platform.sso.provider-created',
      'platform.sso.scim-token-created',
      'platform.sso.scim-token-removed',
    ])
  })

  it('is of no use while the provider is disabled', async () => {
    const { provider } = world
    const { name, type, domains, teams, groups, provisionUsers, exposeGroups, oidc } = provider
    const input = { name, type, domains, teams, groups, provisionUsers, exposeGroups, oidc, enabled: false }
    await world.admin('PUT', `/api/v1/sso/providers/${provider.id}`, input)
    expectRefusal(await world.scim('GET', '/Users'), 403)
    expectRefusal(await world.tell('alice'), 403)
  })

  it('is of no use for what was begun before the provider was disabled', async () => {
    const body = new PassThrough()
    const answer = world.forge.app.inject({
      method: 'POST',
      url: `${world.forge.url}/scim/v2/Users`,
      headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/scim+json' },
      payload: body,
    })
    // The token is known, and the body is still to come.
    const { id } = world.provider
    await eventually(async () => {
      expect(await world.forge.store.ScimConnection.findByPk(id)).toMatchObject({
        lastUsedAt: expect.any(Date) as Date,
      })
    })
    await world.forge.store.Provider.update({ enabled: false }, { where: { id } })
    body.end(JSON.stringify(person(at('late'))))
    expect((await answer).statusCode).toBe(403)
    expect(await world.forge.store.User.count({ where: { email: at('late') } })).toBe(0)
  })

  it('says when it was used, and moves to a new server key', async () => {
    const before = (await world.admin('GET', page())).json<ScimStatus>()
    expect(before).toMatchObject({ token: { lastUsedAt: null }, tellsGroups: false })
    await world.tellGroup('Makers')
    const used = (await world.admin('GET', page())).json<ScimStatus>()
    expect(used).toMatchObject({ token: { lastUsedAt: expect.any(String) as string }, groups: 1, tellsGroups: true })

    const old = Buffer.alloc(32, 7).toString('base64')
    const keys = createSecretKeys(Buffer.alloc(32, 9).toString('base64'), [old])
    const rekeyed = await startForge({ db: world.forge.db, keys, empty: true })
    const headers = { authorization: `Bearer ${world.token}` }
    const answer = await rekeyed.app.inject({ url: `${rekeyed.url}/scim/v2/Groups`, headers })
    await rekeyed.close()
    expect(answer.statusCode).toBe(200)
    const row = await world.forge.store.ScimConnection.findByPk(world.provider.id)
    expect(row?.keyId).toBe(keys.id)
  })
})

describe('the limit', () => {
  it('counts who guesses', async () => {
    const guess = async () => {
      const headers = { authorization: 'Bearer guess' }
      const remoteAddress = '198.51.100.7'
      const answer = await world.forge.app.inject({ url: '/scim/v2/Users', remoteAddress, headers })
      return [answer.statusCode, answer.headers['x-ratelimit-limit'], answer.headers['x-ratelimit-remaining']].map(
        Number,
      )
    }
    expect([await guess(), await guess()]).toEqual([
      [401, 3_000, 2_999],
      [401, 3_000, 2_998],
    ])
  })

  it('is told in SCIM’s form, with the time to wait', async () => {
    const app = fastify()
    await app.register(rateLimit, { global: false })
    app.setErrorHandler(renderScimError)
    app.addHook('onRequest', app.rateLimit({ max: 1, timeWindow: '1 minute' }))
    app.get('/', async () => 'in')
    const statuses = [(await app.inject('/')).statusCode]
    const last = await app.inject('/')
    await app.close()
    expect([...statuses, last.statusCode, last.headers['retry-after']]).toEqual([200, 429, '60'])
    expect(last.json()).toMatchObject({ schemas: [ERROR], status: '429' })
  })
})

it('goes with the provider; accounts stay', async () => {
  const domain = `gone-${world.domain}`
  const gone = await addProvider(world.admin, { name: 'Gone', domains: [domain] })
  const speech = await speakAs(world.forge, world.admin, gone.id, domain)
  const { body } = await speech.tell('alice')
  await speech.tellGroup('Makers', [body.id])

  expect((await world.admin('DELETE', `/api/v1/sso/providers/${gone.id}`)).statusCode).toBe(204)
  expectRefusal(await speech.scim('GET', '/Users'), 401)
  expect(await world.forge.store.ScimUser.count({ where: { providerId: gone.id } })).toBe(0)
  expect(await world.forge.store.User.count({ where: { email: `alice@${domain}` } })).toBe(1)
})

it('is below the mount path, where nothing is a page', async () => {
  const forge = await startForge({ mountPath: '/pat', empty: true })
  const seen = []
  for (const path of ['/scim/v2/Users', '/scim/v2/Users/%zz', '/scim/v2/cars']) {
    const answer = await forge.app.inject({ url: `/pat${path}`, headers: { accept: 'text/html' } })
    seen.push([answer.statusCode, answer.json<{ schemas: string[] }>().schemas])
  }
  await forge.close()
  expect(seen).toEqual([
    [401, [ERROR]],
    [400, [ERROR]],
    [401, [ERROR]],
  ])
})

describe('hostile input', () => {
  it.each<[string, string, string, number, string | undefined]>([
    ['what is no JSON', '{', 'application/scim+json', 400, 'invalidSyntax'],
    ['nothing', '', 'application/scim+json', 400, 'invalidSyntax'],
    ['a list', '[]', 'application/scim+json', 400, 'invalidSyntax'],
    ['a text', '"x"', 'application/json', 400, 'invalidSyntax'],
    ['a prototype', '{"__proto__":{"admin":true},"userName":"a"}', 'application/json', 400, 'invalidSyntax'],
    [
      'a constructor',
      '{"constructor":{"prototype":{"admin":true}},"userName":"a"}',
      'application/json',
      400,
      'invalidSyntax',
    ],
    ['another type', '<user/>', 'application/xml', 415, undefined],
    ['a form', 'userName=a', 'application/x-www-form-urlencoded', 415, undefined],
    ['text', '{}', 'text/plain', 415, undefined],
    ['too much', `{"userName":"${'x'.repeat(1_000_000)}"}`, 'application/scim+json', 413, undefined],
    [
      'many attributes',
      `{${Array.from({ length: 20_000 }, (_, i) => `"a${i}":1`).join()}}`,
      'application/json',
      400,
      'invalidValue',
    ],
    [
      'a deep attribute',
      `{"userName":"a","emails":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'application/json',
      400,
      'invalidValue',
    ],
    [
      'a deep extension',
      `{"userName":"a","urn:x:y":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'application/json',
      400,
      'invalidValue',
    ],
    ['text in the wrong place', '{"userName":{"a":1}}', 'application/json', 400, 'invalidValue'],
    ['a surrogate without its other half', '{"userName":"\\ud800"}', 'application/json', 400, 'invalidValue'],
  ])('%s is refused in SCIM’s form, and changes nothing', async (_, body, type, status, scimType) => {
    const before = await world.forge.store.User.count()
    const headers = { authorization: `Bearer ${world.token}`, 'content-type': type }
    expectRefusal(await world.scim('POST', '/Users', body, headers), status, scimType)
    expect(await world.forge.store.User.count()).toBe(before)
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  const filter = (text: string) => `/Users?filter=${encodeURIComponent(text)}`
  it.each<[string, string, number]>([
    ['a path that cannot be read', '/Users/%zz', 400],
    ['a NUL', '/Users/%00', 400],
    ['a long id', `/Users/${'x'.repeat(300)}`, 404],
    ['dots', '/Users/..%2f..%2fetc', 400],
    ['what is not there', '/Cars', 404],
    ['a count that is none', '/Users?count=many', 400],
    ['a beginning that is none', '/Users?startIndex=1.5', 400],
    ['a far beginning', '/Users?startIndex=1e99', 200],
    ['a large count', '/Users?count=99999999999', 200],
    ['a long filter', filter(`userName eq "${'x'.repeat(3_000)}"`), 400],
    ['parentheses', filter('('.repeat(1_900)), 400],
    ['line feeds', filter(`userName eq "${'\n'.repeat(60)}`), 400],
    ['many conditions', filter('userName eq "a" and '.repeat(90)), 400],
    ['a NUL in a filter', filter('userName eq "\u0000"'), 400],
    ['a prototype', '/Groups?attributes=__proto__,constructor', 200],
  ])('%s is answered in SCIM’s form', async (_, path, status) => {
    const answer = await world.scim('GET', path)
    if (status === 200) expect(answer.status).toBe(200)
    else expectRefusal(answer, status, status === 400 ? answer.body.scimType : undefined)
    expect(answer.body.scimType ?? 'invalidSyntax').toMatch(/^invalid/)
  })

  it('leaves room for a group of thousands', async () => {
    const members = Array.from({ length: 6_000 }, (_, index) => ({ value: `00000000-0000-4000-8000-${index}` }))
    const answer = await world.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Makers', members })
    expectRefusal(answer, 400, 'invalidValue')
  })

  it('is no member of a group, whatever it is', async () => {
    for (const members of [
      [{ value: 'x' }],
      ['x'],
      [{}],
      'x',
      [null],
      [{ value: '__proto__' }],
      [{ value: { a: 1 } }],
    ]) {
      const answer = await world.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Makers', members })
      expectRefusal(answer, 400, 'invalidValue')
    }
    expect((await world.scim('GET', '/Groups')).body.totalResults).toBe(0)
  })

  it('does not set what a provider has no word in', async () => {
    const { body } = await world.scim('POST', '/Users', {
      ...person(at('alice')),
      schemas: [USER],
      id: 'chosen',
      admin: true,
      roles: [{ value: 'admin' }],
      groups: [{ value: 'x', display: 'ff-line-owner' }],
      password: 'chosen by the provider',
    })
    expect(body.id).not.toBe('chosen')
    expect(body).not.toHaveProperty('groups')
    expect(JSON.stringify(body)).not.toContain('chosen')
    const account = await world.forge.store.User.findOne({ where: { email: at('alice') } })
    expect(account).toMatchObject({ admin: false })
  })
})
