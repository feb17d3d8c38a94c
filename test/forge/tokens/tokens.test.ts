import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { DEFAULT_POLICY } from '../../../forge/contract/policy.ts'
import type { TokenTargets } from '../../../forge/contract/targets.ts'
import type { CreatedToken, CreateToken, TokenPage } from '../../../forge/contract/token.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  setOverride,
  signIn,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')
const DAY_MS = 86_400_000

let forge: TestForge
let alice: TestUser
let team: { id: string }
let application: TestApplication
let instance: TestInstance
let headers: { cookie: string }

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  forge = await startForge()
  alice = await createUser(forge, { username: 'alice' })
  team = await createTeam(forge, { name: 'Line 4' })
  await addMember(forge, { team, user: alice, role: 'member' })
  application = await createApplication(forge, { team, name: 'Packaging' })
  instance = await createInstance(forge, { application, name: 'packer' })
  headers = await signIn(forge, alice)
})
afterEach(async () => {
  await forge.close()
  vi.useRealTimers()
})

const wish = (change: object = {}): CreateToken => ({
  name: 'Claude Code',
  role: 'viewer',
  readOnly: true,
  grants: [{ type: 'instance', id: instance.id }],
  expiresAt: new Date(NOW + 30 * DAY_MS).toISOString(),
  ...change,
})

type Headers = Record<string, string>
const post = (payload: object, as: Headers = headers) =>
  forge.app.inject({ method: 'POST', url: '/api/v1/tokens', headers: as, payload })
const get = (path = '', as: Headers = headers) =>
  forge.app.inject({ method: 'GET', url: `/api/v1/tokens${path}`, headers: as })
const revoke = (id: string, as: Headers = headers) =>
  forge.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers: as })

const mint = async (change = {}) => (await post(wish(change))).json<CreatedToken>()
const countRows = async () => (await get()).json<TokenPage>().count

describe('POST /api/v1/tokens', () => {
  it('answers 201 with the record and, this once, the text', async () => {
    const answer = await post(wish({ description: 'Reads the line metrics.' }))

    expect(answer.statusCode).toBe(201)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json()).toEqual({
      id: expect.any(String),
      selector: expect.stringMatching(/^[0-9A-Za-z]{12}$/),
      name: 'Claude Code',
      description: 'Reads the line metrics.',
      role: 'viewer',
      readOnly: true,
      tools: null,
      grants: [{ type: 'instance', id: instance.id, name: 'packer' }],
      state: 'active',
      createdAt: '2026-11-23T12:00:00.000Z',
      expiresAt: '2026-12-23T12:00:00.000Z',
      revokedAt: null,
      endReason: null,
      rotation: { replaces: null, replacedBy: null, retiresAt: null, retiresOnFirstUse: false },
      approvals: [],
      lastUse: null,
      issuedVia: 'page',
      issuedTo: null,
      parentId: null,
      alarm: null,
      token: expect.stringMatching(/^ffpat_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/),
    })
  })

  it('accepts a cap up to the own role, and refuses one above it', async () => {
    expect((await post(wish({ role: 'member' }))).statusCode).toBe(201)

    const above = await post(wish({ role: 'owner' }))
    expect(above.statusCode).toBe(403)
    expect(above.json()).toEqual({
      code: 'role_too_high',
      error: 'A token can be no more than you are: your role there is member.',
    })
    expect(await countRows()).toBe(1)
  })

  it('measures the cap against an override of the application', async () => {
    await setOverride(forge, { application, user: alice, role: 'owner' })
    expect((await post(wish({ role: 'owner' }))).statusCode).toBe(201)
  })

  it.each([
    ['one second ago', NOW - 1000],
    ['now', NOW],
    ['in 366 days and a second', NOW + 366 * DAY_MS + 1000],
    ['in the year 9999', Date.parse('9999-01-01T00:00:00Z')],
  ])('refuses an expiry %s, naming the range', async (_, at) => {
    const answer = await post(wish({ expiresAt: new Date(at).toISOString() }))

    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({
      code: 'invalid_expiry',
      error: 'Choose an expiry after now and not after 2027-11-24T12:00:00.000Z (366 days).',
    })
    expect(await countRows()).toBe(0)
  })

  it('accepts the last moment of the range', async () => {
    expect((await post(wish({ expiresAt: new Date(NOW + 366 * DAY_MS).toISOString() }))).statusCode).toBe(201)
  })

  it.each([
    ['an instance of a team that the person is not in', 'instance'],
    ['an application of a team that the person is not in', 'application'],
    ['a team that the person is not in', 'team'],
  ] as const)('does not find %s', async (_, type) => {
    const otherTeam = await createTeam(forge)
    const otherApplication = await createApplication(forge, { team: otherTeam })
    const otherInstance = await createInstance(forge, { application: otherApplication })
    const id = { instance: otherInstance, application: otherApplication, team: otherTeam }[type].id

    const answer = await post(wish({ grants: [...wish().grants, { type, id }] }))
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'not_found' })
    expect(await countRows()).toBe(0)
  })

  it('does not find what an override shuts the person out of, nor what a suspended team has', async () => {
    await setOverride(forge, { application, user: alice, role: 'none' })
    expect((await post(wish())).statusCode).toBe(404)

    await setOverride(forge, { application, user: alice, role: 'viewer' })
    await forge.store.Team.update({ suspended: true }, { where: { id: team.id } })
    expect((await post(wish())).statusCode).toBe(404)
  })

  it('does not let an administrator mint for a team that they are no member of', async () => {
    expect((await post(wish(), await signIn(forge, forge.admin))).statusCode).toBe(404)
  })

  it.each([
    ['no name', { name: undefined }],
    ['a blank name', { name: '   ' }],
    ['a name of 10,000 characters', { name: 'x'.repeat(10_000) }],
    ['control characters in the name', { name: 'a\u0000\u001b[31mb' }],
    ['a name that is a number', { name: 7 }],
    ['no role', { role: undefined }],
    ['the role admin', { role: 'admin' }],
    ['the role none', { role: 'none' }],
    ['readOnly as a word', { readOnly: 'true' }],
    ['no grants', { grants: [] }],
    ['grants that are no list', { grants: 'all' }],
    ['a grant of an unknown type', { grants: [{ type: 'world', id: 'x' }] }],
    ['a grant with an id that is no id', { grants: [{ type: 'instance', id: "x' OR 1=1 --" }] }],
    ['a grant with another field', { grants: [{ type: 'instance', id: 'x', role: 'owner' }] }],
    ['101 grants', { grants: Array.from({ length: 101 }, (_, i) => ({ type: 'instance', id: `i${i}` })) }],
    ['no expiry', { expiresAt: undefined }],
    ['an expiry in the year 99999', { expiresAt: '99999-01-01T00:00:00Z' }],
    ['an expiry without a zone', { expiresAt: '2026-12-01T00:00:00' }],
    ['an expiry as a number', { expiresAt: NOW + DAY_MS }],
    ['a leap second that is none', { expiresAt: '2026-12-01T12:59:60Z' }],
    ['an owner', { userId: 'someone' }],
    ['a selector', { selector: 'chosenbyme00' }],
  ])('refuses %s with a sentence, and writes nothing', async (_, change) => {
    const answer = await post(wish(change))

    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({
      code: expect.stringMatching(/^[a-z_]+$/),
      error: expect.stringMatching(/^[\w(].*\.$/),
    })
    expect(await countRows()).toBe(0)
  })

  it.each([
    ['text', 'hello', 'application/json', 400],
    ['half of a JSON text', '{"name":', 'application/json', 400],
    ['an empty body', '', 'application/json', 400],
    ['a form', 'name=x', 'application/x-www-form-urlencoded', 415],
    ['XML', '<a/>', 'application/xml', 415],
    ['a megabyte', JSON.stringify({ name: 'x'.repeat(1_000_000) }), 'application/json', 413],
    ['a prototype', '{"__proto__":{"admin":true}}', 'application/json', 400],
  ])('refuses %s as a body', async (_, payload, type, status) => {
    const answer = await forge.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers: { ...headers, 'content-type': type },
      payload,
    })
    expect(answer.statusCode).toBe(status)
    expect(Object.keys(answer.json())).toEqual(['code', 'error'])
  })
})

describe('GET /api/v1/tokens', () => {
  it('lists the own tokens, newest first, never with a secret', async () => {
    const first = await mint({ name: 'first' })
    vi.setSystemTime(NOW + 1000)
    const second = await mint({ name: 'second' })

    const answer = await get()
    const { token: _a, ...firstRecord } = first
    const { token: _b, ...secondRecord } = second
    expect(answer.json()).toEqual({ meta: {}, count: 2, tokens: [secondRecord, firstRecord] })
    expect(answer.body).not.toContain(first.token.slice(19, 40))
  })

  it('pages by cursor without missing or repeating one', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await mint({ name })

    const names: string[] = []
    let cursor: string | undefined
    do {
      const page: TokenPage = (await get(`?limit=2${cursor ? `&cursor=${cursor}` : ''}`)).json()
      expect(page.count).toBe(5)
      names.push(...page.tokens.map(({ name }) => name))
      cursor = page.meta.next_cursor
    } while (cursor)
    expect(names.sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('finds by a part of the name, wildcards being plain characters', async () => {
    await mint({ name: '100% Claude_Code' })
    await mint({ name: 'Cursor' })

    const found = async (query: string) => (await get(`?query=${encodeURIComponent(query)}`)).json<TokenPage>().count
    expect(await found('claude_c')).toBe(1)
    expect(await found('0%')).toBe(1)
    expect(await found('%')).toBe(1)
    expect(await found('_')).toBe(1)
    expect(await found('c')).toBe(2)
  })

  it.each(['?limit=0', '?limit=1000', '?limit=x', '?cursor=nonsense', '?cursor=1_x', '?unknown=1'])(
    'refuses %s',
    async (query) => {
      expect((await get(query)).statusCode).toBe(400)
    },
  )

  it('shows an expired token as expired', async () => {
    await mint()
    vi.setSystemTime(NOW + 30 * DAY_MS)
    headers = await signIn(forge, alice)
    expect((await get()).json<TokenPage>().tokens[0]?.state).toBe('expired')
  })

  it('names what is gone by null', async () => {
    await mint()
    await forge.store.Instance.destroy({ where: { id: instance.id } })
    expect((await get()).json<TokenPage>().tokens[0]?.grants).toEqual([
      { type: 'instance', id: instance.id, name: null },
    ])
  })
})

describe('GET /api/v1/tokens/targets', () => {
  it('lists teams, applications and instances with the role in each', async () => {
    await setOverride(forge, { application, user: alice, role: 'viewer' })
    const { id, name, url } = instance

    expect((await get('/targets')).json<TokenTargets>()).toEqual({
      teams: [
        {
          id: team.id,
          name: 'Line 4',
          role: 'member',
          policy: DEFAULT_POLICY,
          sso: null,
          applications: [
            {
              id: application.id,
              name: 'Packaging',
              role: 'viewer',
              instances: [{ id, name, url, production: false }],
            },
          ],
        },
      ],
    })
  })
})

describe('DELETE /api/v1/tokens/:id', () => {
  it('revokes at once, and a second time changes nothing', async () => {
    const { id } = await mint()
    expect((await revoke(id)).statusCode).toBe(204)

    vi.setSystemTime(NOW + 1000)
    expect((await revoke(id)).statusCode).toBe(204)
    expect((await get(`/${id}`)).json()).toMatchObject({ state: 'revoked', revokedAt: '2026-11-23T12:00:00.000Z' })
  })

  it.each(['00000000-0000-4000-8000-000000000000', 'x'])('does not find %s', async (id) => {
    expect((await revoke(id)).statusCode).toBe(404)
  })

  it.each(['%00', '..%2f..', 'x'.repeat(65), '%F0%28%8C%BC', '%'])('refuses the id %s', async (id) => {
    expect([400, 404]).toContain((await revoke(id)).statusCode)
  })
})

describe("another person's token", () => {
  it('is neither shown nor revoked, even by an administrator', async () => {
    const { id } = await mint()
    const bob = await createUser(forge)
    await addMember(forge, { team, user: bob, role: 'owner' })

    for (const someone of [bob, forge.admin]) {
      const as = await signIn(forge, someone)
      expect((await get(`/${id}`, as)).statusCode).toBe(404)
      expect((await revoke(id, as)).statusCode).toBe(404)
      expect((await get('', as)).json<TokenPage>().count).toBe(0)
    }
    expect((await get(`/${id}`)).json()).toMatchObject({ state: 'active' })
  })
})

describe('a token itself', () => {
  const calls = [
    ['GET', '/api/v1/tokens'],
    ['GET', '/api/v1/tokens/targets'],
    ['POST', '/api/v1/tokens'],
    ['DELETE', '/api/v1/tokens/some-id'],
  ] as const

  it.each(calls)('cannot %s %s: that takes a session', async (method, url) => {
    const { token } = await mint()
    const answer = await forge.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}` },
      ...(method === 'POST' ? { payload: wish() } : {}),
    })
    expect(answer.statusCode).toBe(403)
    expect(answer.json()).toMatchObject({ code: 'session_required' })
    expect(await countRows()).toBe(1)
  })

  it('cannot sign in, nor stand for a session elsewhere', async () => {
    const { token } = await mint()
    const login = await forge.app.inject({
      method: 'POST',
      url: '/account/login',
      payload: { username: 'alice', password: token },
    })
    expect(login.statusCode).toBe(401)
    expect(login.headers['set-cookie']).toBeUndefined()

    for (const url of ['/api/v1/user', '/api/v1/teams', '/api/v1/instances']) {
      const answer = await forge.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } })
      expect([401, 403]).toContain(answer.statusCode)
    }
    const forged = await get('', { cookie: `sid=${token}` })
    expect(forged.statusCode).toBe(401)
  })

  it.each(calls)('is not needed to refuse %s %s without any credential', async (method, url) => {
    const answer = await forge.app.inject({ method, url, ...(method === 'POST' ? { payload: wish() } : {}) })
    expect(answer.statusCode).toBe(401)
    expect(answer.json()).toEqual({ code: 'unauthorized', error: 'Sign in first.' })
  })
})

describe('a request from another site', () => {
  it.each([
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
  ])('with %j can neither mint nor revoke', async (foreign) => {
    const { id } = await mint()

    for (const answer of [
      await post(wish(), { ...headers, ...foreign }),
      await revoke(id, { ...headers, ...foreign }),
    ]) {
      expect(answer.statusCode).toBe(403)
      expect(answer.json()).toMatchObject({ code: 'cross_site' })
    }
    expect(await countRows()).toBe(1)
    expect((await get(`/${id}`)).json()).toMatchObject({ state: 'active' })
  })
})
