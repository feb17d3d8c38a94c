import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { User, UserPage } from '../../../../forge/contract/host.ts'
import { addMember, createTeam, createUser, openBrowser, PASSWORD } from '../../../support/builders.ts'
import type { Browser, TestUser } from '../../../support/builders.ts'
import { startForge, type TestForge } from '../../../support/forge.ts'

let forge: TestForge
let admin: Browser
let alice: TestUser
beforeAll(async () => {
  forge = await startForge()
  admin = await openBrowser(forge, forge.admin)
})
beforeEach(async () => {
  alice = await createUser(forge)
})
afterAll(() => forge.close())

const person = (username: string) => ({
  username,
  name: 'Some One',
  email: `${username}@example.com`,
  password: 'correct horse',
})

describe('GET /api/v1/user', () => {
  it('answers who is signed in, without a hash', async () => {
    const answer = await (await openBrowser(forge, alice))('GET', '/api/v1/user')

    expect(answer.json()).toEqual({
      id: alice.id,
      username: alice.username,
      name: alice.name,
      email: alice.email,
      admin: false,
      suspended: false,
      provider: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
  })
})

describe('PUT /api/v1/user/password', () => {
  const change = (browser: Browser, currentPassword: string, newPassword = 'a new password') =>
    browser('PUT', '/api/v1/user/password', { currentPassword, newPassword })

  it('changes it and ends the other sessions', async () => {
    const [here, elsewhere] = [await openBrowser(forge, alice), await openBrowser(forge, alice)]

    expect((await change(here, PASSWORD)).statusCode).toBe(204)

    expect((await here('GET', '/api/v1/user')).statusCode).toBe(200)
    expect((await elsewhere('GET', '/api/v1/user')).statusCode).toBe(401)
    const login = await (
      await openBrowser(forge)
    )('POST', '/account/login', {
      username: alice.username,
      password: 'a new password',
    })
    expect(login.statusCode).toBe(200)
  })

  it('needs the current one, and counts wrong ones like failed sign-ins', async () => {
    const browser = await openBrowser(forge, alice)
    for (let i = 0; i < 10; i++) {
      expect((await change(browser, 'wrong password')).json()).toMatchObject({ code: 'invalid_login' })
    }

    expect((await change(browser, PASSWORD)).statusCode).toBe(429)
  })

  it('takes no short one', async () => {
    const answer = await change(await openBrowser(forge, alice), PASSWORD, 'short')

    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({
      code: 'invalid_request',
      error: 'newPassword must have at least 8 characters.',
    })
  })
})

describe('/api/v1/users', () => {
  it.each([
    ['GET', ''],
    ['POST', ''],
    ['GET', '/x'],
    ['PATCH', '/x'],
    ['DELETE', '/x'],
  ] as const)('%s%s is for administrators', async (method, path) => {
    const body = method === 'GET' || method === 'DELETE' ? undefined : {}
    const asAlice = await (await openBrowser(forge, alice))(method, `/api/v1/users${path}`, body)
    const asNobody = await (await openBrowser(forge))(method, `/api/v1/users${path}`, body)

    expect(asAlice.statusCode).toBe(403)
    expect(asAlice.json()).toMatchObject({ code: 'forbidden' })
    expect(asNobody.statusCode).toBe(401)
  })
})

describe('POST /api/v1/users', () => {
  it('adds a user who can sign in', async () => {
    const answer = await admin('POST', '/api/v1/users', { ...person('new-one'), name: '  New One ' })

    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({ username: 'new-one', name: 'New One', admin: false, suspended: false })
    const login = await (
      await openBrowser(forge)
    )('POST', '/account/login', {
      username: 'new-one',
      password: 'correct horse',
    })
    expect(login.statusCode).toBe(200)
  })

  it.each([
    ['user name', { username: 'TAKEN' }, 'Another user has this user name.'],
    ['e-mail address', { email: 'Taken@Example.com' }, 'Another user has this e-mail address.'],
  ])('takes no %s a second time, in whatever case', async (_what, change, sentence) => {
    await createUser(forge, { username: 'taken' }).catch(() => undefined)

    const answer = await admin('POST', '/api/v1/users', { ...person('other'), ...change })

    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toEqual({ code: 'conflict', error: sentence })
  })

  it.each([
    [{ username: 'x'.repeat(10_000) }],
    [{ username: 'with space' }],
    [{ name: 'a\u0000b' }],
    [{ name: '   ' }],
    [{ name: '\u202egnp.exe' }],
    [{ email: 'nobody' }],
    [{ password: 12345678 }],
    [{ admin: 'yes' }],
    [{ superuser: true }],
  ])('refuses %o', async (change) => {
    const answer = await admin('POST', '/api/v1/users', { ...person('refused'), ...change })

    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ code: 'invalid_request', error: expect.stringMatching(/^\S.*\.$/) })
  })
})

describe('GET /api/v1/users', () => {
  it('lists everybody once, page by page, by user name', async () => {
    for (const username of ['page-b', 'Page-C', 'page-a', 'page-d']) await createUser(forge, { username })

    const seen: string[] = []
    let cursor = ''
    do {
      const page = (await admin('GET', `/api/v1/users?query=page-&limit=2${cursor}`)).json<UserPage>()
      expect(page.count).toBe(4)
      seen.push(...page.users.map(({ username }) => username))
      cursor = page.meta.next_cursor ? `&cursor=${page.meta.next_cursor}` : ''
    } while (cursor)

    expect(seen).toEqual(['page-a', 'page-b', 'Page-C', 'page-d'])
  })

  it.each(['100%', '_', "' OR 1=1 --", '!', '\\'])('finds nothing special in the query %s', async (query) => {
    const answer = await admin('GET', `/api/v1/users?query=${encodeURIComponent(query)}`)

    expect(answer.json()).toMatchObject({ count: 0, users: [] })
  })

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'cursor=x',
    'cursor=WyIAIiwieCJd',
    'cursor=e30',
    'order=name',
    'query=%00',
  ])('refuses ?%s', async (query) => {
    const answer = await admin('GET', `/api/v1/users?${query}`)

    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'invalid_request' })
  })
})

describe('PATCH /api/v1/users/:id', () => {
  it('changes what it names and nothing else', async () => {
    const before = (await admin('GET', `/api/v1/users/${alice.id}`)).json<User>()

    const answer = await admin('PATCH', `/api/v1/users/${alice.id}`, { name: 'Renamed' })

    expect(answer.json()).toEqual({ ...before, name: 'Renamed' })
  })

  it('ends the sessions of who is suspended', async () => {
    const browser = await openBrowser(forge, alice)

    const answer = await admin('PATCH', `/api/v1/users/${alice.id}`, { suspended: true })

    expect(answer.json()).toMatchObject({ suspended: true })
    expect((await browser('GET', '/api/v1/user')).statusCode).toBe(401)
    await admin('PATCH', `/api/v1/users/${alice.id}`, { suspended: false })
    expect((await browser('GET', '/api/v1/user')).statusCode).toBe(401)
  })

  it('takes effect at once for who is no administrator any more', async () => {
    await admin('PATCH', `/api/v1/users/${alice.id}`, { admin: true })
    const browser = await openBrowser(forge, alice)
    expect((await browser('GET', '/api/v1/users')).statusCode).toBe(200)

    await admin('PATCH', `/api/v1/users/${alice.id}`, { admin: false })

    expect((await browser('GET', '/api/v1/users')).statusCode).toBe(403)
  })

  it.each([{ admin: false }, { suspended: true }])('leaves the last administrator as they are: %o', async (change) => {
    const answer = await admin('PATCH', `/api/v1/users/${forge.admin.id}`, change)

    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({ code: 'conflict', error: expect.stringContaining('last administrator') })
  })

  it('takes no e-mail address of somebody else', async () => {
    const answer = await admin('PATCH', `/api/v1/users/${alice.id}`, { email: forge.admin.email.toUpperCase() })

    expect(answer.statusCode).toBe(409)
  })

  it('refuses to change nothing, and what nobody may change', async () => {
    expect((await admin('PATCH', `/api/v1/users/${alice.id}`, {})).statusCode).toBe(400)
    expect((await admin('PATCH', `/api/v1/users/${alice.id}`, { id: 'x' })).statusCode).toBe(400)
    expect((await admin('PATCH', `/api/v1/users/${alice.id}`, { passwordHash: 'x' })).statusCode).toBe(400)
  })

  it('knows no stranger', async () => {
    expect((await admin('PATCH', '/api/v1/users/nobody', { name: 'x' })).statusCode).toBe(404)
    expect((await admin('PATCH', '/api/v1/users/no%20id', { name: 'x' })).statusCode).toBe(400)
  })
})

describe('DELETE /api/v1/users/:id', () => {
  it('removes them from everywhere', async () => {
    const team = await createTeam(forge, { owner: forge.admin })
    await addMember(forge, { team, user: alice, role: 'member' })
    const browser = await openBrowser(forge, alice)

    expect((await admin('DELETE', `/api/v1/users/${alice.id}`)).statusCode).toBe(204)

    expect((await browser('GET', '/api/v1/user')).statusCode).toBe(401)
    expect(await forge.store.Member.count({ where: { userId: alice.id } })).toBe(0)
    expect((await admin('DELETE', `/api/v1/users/${alice.id}`)).statusCode).toBe(404)
  })

  it('refuses while they are the last owner of a team, and names it', async () => {
    const team = await createTeam(forge, { owner: alice, name: 'Line 9' })

    const refused = await admin('DELETE', `/api/v1/users/${alice.id}`)
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toMatchObject({ error: expect.stringContaining('Line 9') })

    await addMember(forge, { team, user: forge.admin, role: 'owner' })
    expect((await admin('DELETE', `/api/v1/users/${alice.id}`)).statusCode).toBe(204)
  })

  it('refuses for the last administrator', async () => {
    expect((await admin('DELETE', `/api/v1/users/${forge.admin.id}`)).statusCode).toBe(409)
  })
})
