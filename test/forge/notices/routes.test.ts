import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Notice, NoticePage } from '../../../forge/contract/notice.ts'
import { noticeRoutes } from '../../../forge/notices/routes.ts'
import { tell } from '../../../forge/notices/tell.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { headerDirectory } from './header-directory.ts'

const token = { id: 't1', name: 'Claude Code' }

let database: TestDatabase
let app: FastifyInstance

beforeEach(async () => {
  database = await createTestDatabase()
  app = Fastify()
  await app.register(noticeRoutes, { prefix: '/api/v1/notices', db: database.db, directory: headerDirectory })
})
afterEach(async () => {
  await app.close()
  await database.cleanup()
})

/** @param second of the day at which it is told */
function tellAlice(key: string, second: number, userId = 'alice'): Promise<boolean> {
  const notice = { kind: 'token-revoked', body: { token, by: 'Olga', reach: null } } as const
  return tell(
    database.db,
    { ...notice, userId, dedupeKey: key },
    { now: new Date(Date.UTC(2026, 10, 23, 8, 0, second)) },
  )
}

async function list(query = '', user = 'alice'): Promise<NoticePage> {
  const response = await app.inject({ url: `/api/v1/notices${query}`, headers: { 'x-user': user } })
  expect(response.statusCode).toBe(200)
  return response.json<NoticePage>()
}

async function post(path: string, user = 'alice') {
  return app.inject({ method: 'POST', url: `/api/v1/notices${path}`, headers: { 'x-user': user } })
}

const seconds = ({ notices }: NoticePage) => notices.map((notice) => new Date(notice.createdAt).getUTCSeconds())

async function only(): Promise<Notice> {
  const { notices } = await list()
  return notices[0] ?? expect.fail('there is no notice')
}

describe('GET /api/v1/notices', () => {
  it('shows a notice in words, with its body', async () => {
    await tellAlice('k', 0)

    expect(await list()).toEqual({
      meta: {},
      count: 1,
      unread: 1,
      notices: [
        {
          id: expect.any(String),
          kind: 'token-revoked',
          title: 'Your token “Claude Code” was revoked',
          lines: ['“Olga” did it.', 'It works nowhere any more. Revoking is final; mint a new token if you need one.'],
          body: { token, by: 'Olga', reach: null },
          createdAt: '2026-11-23T08:00:00.000Z',
          readAt: null,
        },
      ],
    })
  })

  it('shows the body of every kind', async () => {
    const team = { id: 'a', name: 'Line 4' }
    const at = '2026-11-23T08:00:00.000Z'
    const contents = [
      { kind: 'tokens-end', body: { tokens: [{ ...token, expiresAt: at, daysLeft: 3, ended: false }] } },
      { kind: 'token-revoked', body: { token, by: 'Olga', reach: { ...team, type: 'team' } } },
      { kind: 'retired-token-used', body: { token, at, instance: team, client: 'curl', address: null } },
      { kind: 'token-leaked', body: { token, at, source: 'github', url: 'https://example.com' } },
      { kind: 'approval-requested', body: { token, team, instance: null, requester: 'Bob', reason: 'Please' } },
      { kind: 'approval-decided', body: { token, team, instance: team, decision: 'refused', by: 'Olga' } },
      { kind: 'policy-changed', body: { team, by: 'Olga', tokens: [{ ...token, effect: 'stopped' }] } },
    ] as const
    for (const content of contents) {
      await tell(database.db, { ...content, userId: 'alice', dedupeKey: content.kind } as Parameters<typeof tell>[1])
    }

    const { notices } = await list()
    const shown = notices.map(({ kind, body }) => ({ kind, body }))
    expect(shown).toHaveLength(contents.length)
    expect(shown).toEqual(expect.arrayContaining([...contents]))
  })

  it('shows unread ones first, and the newest first in each part', async () => {
    for (const second of [1, 2, 3, 4]) await tellAlice(`k${second}`, second)
    const { notices } = await list()
    await post(`/${notices[0]?.id}/read`)
    await post(`/${notices[2]?.id}/read`)

    expect(seconds(await list())).toEqual([3, 1, 4, 2])
  })

  it('pages over the border between unread and read without a gap', async () => {
    for (const second of [1, 2, 3, 4, 5]) await tellAlice(`k${second}`, second)
    const { notices } = await list()
    await post(`/${notices[0]?.id}/read`)
    await post(`/${notices[1]?.id}/read`)

    const seen: number[] = []
    let cursor: string | undefined
    do {
      const page = await list(`?limit=1${cursor ? `&cursor=${cursor}` : ''}`)
      expect(page).toMatchObject({ count: 5, unread: 3 })
      seen.push(...seconds(page))
      cursor = page.meta.next_cursor
    } while (cursor)
    expect(seen).toEqual([3, 2, 1, 5, 4])
  })

  it('tells apart notices of the same moment', async () => {
    for (const key of ['a', 'b', 'c']) await tellAlice(key, 7)
    const first = await list('?limit=2')
    const second = await list(`?limit=2&cursor=${first.meta.next_cursor}`)

    const ids = [...first.notices, ...second.notices].map(({ id }) => id)
    expect(new Set(ids).size).toBe(3)
  })

  it("shows nobody another person's notices", async () => {
    await tellAlice('k', 0)
    expect(await list('', 'bob')).toEqual({ meta: {}, count: 0, unread: 0, notices: [] })
  })

  it('passes over a kind that only a newer forge knows', async () => {
    await tellAlice('k', 0)
    await database.db.query("UPDATE pat_notices SET kind = 'from-the-future'")

    expect(await list()).toMatchObject({ count: 0, notices: [] })
  })

  it.each(['?cursor=made-up', '?cursor=unread_1_2', '?limit=0', '?limit=201', '?unknown=1'])(
    'refuses %s',
    async (query) => {
      const response = await app.inject({ url: `/api/v1/notices${query}`, headers: { 'x-user': 'alice' } })

      expect(response.statusCode).toBe(400)
      expect(response.json()).toMatchObject({ code: 'invalid_request' })
    },
  )

  it('is not stored by anybody', async () => {
    const response = await app.inject({ url: '/api/v1/notices', headers: { 'x-user': 'alice' } })
    expect(response.headers['cache-control']).toBe('no-store')
  })
})

describe('POST /api/v1/notices/:id/read', () => {
  it('marks a notice as read, with the time', async () => {
    await tellAlice('k', 0)
    const response = await post(`/${(await only()).id}/read`)

    expect(response.statusCode).toBe(204)
    expect((await only()).readAt).not.toBeNull()
    expect(await list()).toMatchObject({ count: 1, unread: 0 })
  })

  it('changes nothing the second time', async () => {
    await tellAlice('k', 0)
    const { id } = await only()
    await post(`/${id}/read`)
    const { readAt } = await only()

    expect((await post(`/${id}/read`)).statusCode).toBe(204)
    expect((await only()).readAt).toBe(readAt)
  })

  it("does not find another person's notice", async () => {
    await tellAlice('k', 0)
    const response = await post(`/${(await only()).id}/read`, 'bob')

    expect(response.statusCode).toBe(404)
    expect(response.json()).toMatchObject({ code: 'not_found' })
    expect((await only()).readAt).toBeNull()
  })

  it('does not find a notice that never was', async () => {
    expect((await post('/made-up/read')).statusCode).toBe(404)
  })
})

describe('POST /api/v1/notices/read', () => {
  it("marks all of the person's notices and nobody else's", async () => {
    await tellAlice('a', 1)
    await tellAlice('b', 2)
    await tellAlice('c', 3, 'bob')

    expect((await post('/read')).statusCode).toBe(204)
    expect((await list()).unread).toBe(0)
    expect((await list('', 'bob')).unread).toBe(1)
  })
})

describe('every call', () => {
  it.each([
    ['GET', ''],
    ['POST', '/read'],
    ['POST', '/some-id/read'],
  ] as const)('%s %s needs a browser session, which no token replaces', async (method, path) => {
    const url = `/api/v1/notices${path}`
    const anonymous = await app.inject({ method, url })
    const withToken = await app.inject({ method, url, headers: { authorization: 'Bearer ffpat_x' } })

    expect([anonymous.statusCode, anonymous.json<{ code: string }>().code]).toEqual([401, 'unauthorized'])
    expect([withToken.statusCode, withToken.json<{ code: string }>().code]).toEqual([403, 'session_required'])
  })
})

describe('tell', () => {
  it('says a thing once to each person', async () => {
    expect(await tellAlice('same', 1)).toBe(true)
    expect(await tellAlice('same', 2)).toBe(false)
    expect(await tellAlice('same', 3, 'bob')).toBe(true)
    expect(seconds(await list())).toEqual([1])
  })

  it('says it once when it is said 20 times at once', async () => {
    const told = await Promise.all(Array.from({ length: 20 }, () => tellAlice('same', 1)))
    expect(told.filter(Boolean)).toHaveLength(1)
  })

  it('says nothing when the change that it is about fails', async () => {
    const change = database.db.transaction(async (transaction) => {
      const notice = { kind: 'token-revoked', body: { token, by: 'Olga', reach: null } } as const
      await tell(database.db, { ...notice, userId: 'alice', dedupeKey: 'k' }, { transaction })
      throw new Error('the change failed')
    })

    await expect(change).rejects.toThrow('the change failed')
    expect((await list()).count).toBe(0)
  })
})
