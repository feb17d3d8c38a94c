import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

import type { AuditLogPage } from '../../../../forge/contract/audit.ts'
import { createUser, PASSWORD, signIn, type TestUser } from '../../../support/builders.ts'
import { startForge, type TestForge } from '../../../support/forge.ts'

let forge: TestForge
let alice: TestUser
beforeAll(async () => {
  forge = await startForge({ trustProxy: true })
  alice = await createUser(forge, { username: 'alice' })
})
afterAll(() => forge.close())
afterEach(() => {
  vi.useRealTimers()
})

/** Every call from an address of its own, since the limit for one address is not what most tests are about. */
let calls = 0
const post = (url: string, payload: object = {}, headers: Record<string, string> = {}) =>
  forge.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'x-forwarded-for': `10.0.${(calls >> 8) & 255}.${calls++ & 255}`, ...headers },
  })
const login = (username: string, password = PASSWORD, headers: Record<string, string> = {}) =>
  post('/account/login', { username, password }, headers)
const me = (cookie: string) => forge.app.inject({ url: '/api/v1/user', headers: { cookie } })
const cookieOf = (answer: { headers: Record<string, unknown> }) =>
  String(answer.headers['set-cookie']).split(';')[0] ?? ''

describe('POST /account/login', () => {
  it('signs in and answers who that is', async () => {
    const answer = await login('alice')

    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ id: alice.id, username: 'alice', admin: false, suspended: false })
    expect((await me(cookieOf(answer))).json()).toEqual({ ...answer.json<object>(), provider: null })
  })

  it.each(['ALICE', 'alice@example.com', 'Alice@Example.com'])('knows alice as %s', async (name) => {
    expect((await login(name)).statusCode).toBe(200)
  })

  it('sets a cookie that scripts and other sites do not get', async () => {
    expect((await login('alice')).headers['set-cookie']).toMatch(
      /^sid=[\w-]{43}\.[\w%+/]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
    )
  })

  it('sets a cookie for https and the mount path alone', async () => {
    const mounted = await startForge({ origin: 'https://example.com', mountPath: '/pat' })
    const payload = { username: 'admin', password: PASSWORD }
    const answer = await mounted.app.inject({ method: 'POST', url: '/pat/account/login', payload })
    await mounted.close()

    expect(answer.headers['set-cookie']).toContain('; Path=/pat; HttpOnly; Secure; SameSite=Lax')
  })

  it('always starts a new session and ends the one before', async () => {
    const first = cookieOf(await login('alice'))
    const second = cookieOf(await login('alice', PASSWORD, { cookie: first }))

    expect(second).not.toBe(first)
    expect((await me(first)).statusCode).toBe(401)
    expect((await me(second)).statusCode).toBe(200)
  })

  it('tells the person that they signed in again, and says nothing of a first sign-in or of another person', async () => {
    const [bob, carol] = [await createUser(forge, { username: 'bob' }), await createUser(forge)]
    const first = cookieOf(await login('bob'))
    const logOf = async (cookie: string) => {
      const url = '/api/v1/tokens/audit-log?event=user.reauthenticated'
      return (await forge.app.inject({ url, headers: { cookie } })).json<AuditLogPage>().log
    }
    expect(await logOf(first)).toEqual([])

    await login('bob', 'wrong', { cookie: first })
    const again = cookieOf(await login('bob', PASSWORD, { cookie: first }))
    expect(await logOf(again)).toMatchObject([
      {
        username: 'bob',
        trigger: { id: bob.id, type: 'user' },
        body: { method: 'password' },
        address: expect.stringMatching(/^10\.0\./),
      },
    ])
    expect(await logOf(cookieOf(await login(carol.username, PASSWORD, { cookie: again })))).toEqual([])
  })

  it('takes no session that somebody planted', async () => {
    const planted = `sid=${'A'.repeat(43)}`

    const cookie = cookieOf(await login('alice', PASSWORD, { cookie: planted }))

    expect(cookie).not.toContain('A'.repeat(43))
    expect((await me(planted)).statusCode).toBe(401)
  })

  it('answers a wrong password and an unknown name with the same words', async () => {
    const wrong = await login('alice', 'wrong password')
    const unknown = await login('nobody')

    expect(wrong.statusCode).toBe(401)
    expect(wrong.json()).toEqual({ code: 'invalid_login', error: 'The user name or the password is wrong.' })
    expect(unknown.statusCode).toBe(401)
    expect(unknown.body).toBe(wrong.body)
    expect(wrong.headers).not.toHaveProperty('set-cookie')
  })

  it('tells that somebody is suspended only to who knows the password', async () => {
    const carol = await createUser(forge, { username: 'carol' })
    await forge.store.User.update({ suspended: true }, { where: { id: carol.id } })

    expect((await login('carol')).json()).toMatchObject({ code: 'forbidden' })
    expect((await login('carol', 'wrong password')).json()).toMatchObject({ code: 'invalid_login' })
  })

  it('stops guessing at one name from one address after ten failures, and locks nobody out elsewhere', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const dave = await createUser(forge, { username: 'dave' })
    const from = { 'x-forwarded-for': '192.0.2.77' }
    for (let i = 0; i < 10; i++) expect((await login('dave', `guess ${i}`, from)).statusCode).toBe(401)

    const refused = await login('DAVE', dave.password, from)
    expect(refused.statusCode).toBe(429)
    expect(refused.json()).toMatchObject({ code: 'too_many_requests' })
    expect(refused.headers['retry-after']).toBe('300')
    expect((await login('dave')).statusCode).toBe(200)

    vi.setSystemTime(Date.now() + 300_000)
    // Forges on one PostgreSQL count by its clock, which nobody moves.
    if (forge.db.getDialect() === 'postgres') await forge.db.query('UPDATE pat_counts SET ends_at = clock_timestamp()')
    expect((await login('dave', dave.password, from)).statusCode).toBe(200)
  })

  it('stops guessing at many names from one address', async () => {
    const from = { 'x-forwarded-for': '192.0.2.1' }
    const answers = []
    for (let i = 0; i < 31; i++) answers.push(await login(`nobody-${i}`, 'guess', from))

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([...Array<number>(30).fill(401), 429])
    expect(answers.at(-1)?.json()).toEqual({ code: 'too_many_requests', error: expect.stringMatching(/\.$/) })
    expect(Number(answers.at(-1)?.headers['retry-after'])).toBeGreaterThan(0)
    expect((await login('alice')).statusCode).toBe(200)
  })
})

describe('POST /account/logout', () => {
  it('ends the session and takes the cookie away', async () => {
    const { cookie } = await signIn(forge, alice)

    const answer = await post('/account/logout', {}, { cookie })

    expect(answer.statusCode).toBe(204)
    expect(answer.headers['set-cookie']).toMatch(/^sid=; .*Expires=Thu, 01 Jan 1970/)
    expect((await me(cookie)).statusCode).toBe(401)
  })

  it('may be done twice, and by nobody', async () => {
    const { cookie } = await signIn(forge, alice)
    await post('/account/logout', {}, { cookie })

    expect((await post('/account/logout', {}, { cookie })).statusCode).toBe(204)
    expect((await post('/account/logout')).statusCode).toBe(204)
  })
})

describe('setting up', () => {
  const person = { username: 'root', name: 'Root', email: 'root@example.com', password: 'correct horse' }
  const setUp = (empty: TestForge, body: object) =>
    empty.app.inject({ method: 'POST', url: '/account/setup', payload: body })
  const needed = async (empty: TestForge) => (await empty.app.inject('/account/setup')).json<object>()

  it('makes the first administrator with the code, signs them in, and works once', async () => {
    const empty = await startForge({ empty: true })
    expect(await needed(empty)).toEqual({ needed: true })

    const answer = await setUp(empty, { ...person, code: empty.setupCode })
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({ username: 'root', admin: true })
    const headers = { cookie: cookieOf(answer) }
    expect((await empty.app.inject({ url: '/api/v1/users', headers })).statusCode).toBe(200)

    expect(await needed(empty)).toEqual({ needed: false })
    const again = await setUp(empty, { ...person, username: 'again', code: empty.setupCode })
    expect(again.statusCode).toBe(400)
    expect(again.json()).toMatchObject({ code: 'invalid_setup_code' })
    await empty.close()
  })

  it('refuses a wrong code in the same words as a used one', async () => {
    const empty = await startForge({ empty: true })
    const used = await setUp(forge, { ...person, code: forge.setupCode })
    const wrong = await setUp(empty, { ...person, code: 'wrong' })

    expect(wrong.statusCode).toBe(400)
    expect(wrong.body).toBe(used.body)
    expect(await needed(empty)).toEqual({ needed: true })
    await empty.close()
  })
})
