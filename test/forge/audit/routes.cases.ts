import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ownLog, teamLog, type AuditEntry } from '../../../forge/audit/entry.ts'
import type { AuditLogEntry, AuditLogPage } from '../../../forge/contract/audit.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  signIn,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { startForge, type TestForge } from '../../support/forge.ts'
import { auditOn, writeAll } from './entries.ts'

/** What the people concerned can read, and nobody else, on whichever database. */
export function routeCases(dialect: Dialect): void {
  let forge: TestForge
  let alice: TestUser
  let bob: TestUser
  let team: { id: string; name: string }
  let instance: TestInstance

  beforeEach(async () => {
    forge = await startForge({ dialect })
    alice = await createUser(forge, { username: 'alice' })
    bob = await createUser(forge, { username: 'bob' })
    team = await createTeam(forge, { slug: 'packaging', owner: bob })
    await addMember(forge, { team, user: alice, role: 'member' })
    instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
  })
  afterEach(() => forge.close())

  const get = async (path: string, user: { id: string }) =>
    forge.app.inject({ method: 'GET', url: `${forge.url}/api/v1${path}`, headers: await signIn(forge, user) })
  const logOf = async (path: string, user: { id: string }) => (await get(path, user)).json<AuditLogPage>()
  const eventsOf = async (path: string, user: { id: string }) => (await logOf(path, user)).log.map(({ event }) => event)

  const aToken = { id: '0b6c1c8e-3f53-4b4c-9a52-0f7f5b6f2b11', name: '=HYPERLINK("x")' }

  /** Alice's token is changed by her, for her log and the team's. */
  const changes = (count: number, values: Partial<AuditEntry<'user.pat.revoked'>> = {}): AuditEntry[] => {
    const owner = { id: alice.id, username: 'alice' }
    const entry: AuditEntry<'user.pat.revoked'> = {
      event: 'user.pat.revoked',
      actor: {
        type: 'user',
        userId: alice.id,
        username: 'alice',
        sessionId: 's',
        requestId: 'r',
        address: '192.0.2.7',
      },
      scopes: [ownLog(owner), teamLog(team)],
      token: { ...aToken, owner },
      body: { reason: 'by_owner' },
      ...values,
    }
    return Array<AuditEntry>(count).fill(entry)
  }
  const write = (entries: AuditEntry[]) => writeAll(forge.db, auditOn(forge.db, forge.keys), entries)

  describe('GET /api/v1/tokens/audit-log', () => {
    it('tells what I did, by whom, with what and from where', async () => {
      const token = await mintToken(forge, { user: alice, instance, name: 'Laptop' })

      const page = await logOf('/tokens/audit-log', alice)
      expect(page).toMatchObject({ meta: {}, count: 1 })
      expect(page.log[0]).toMatchObject({
        username: 'alice',
        event: 'user.pat.created',
        source: null,
        scope: { id: alice.id, type: 'user', name: 'alice' },
        trigger: { id: alice.id, type: 'user', name: 'alice' },
        body: {
          selector: token.selector,
          role: 'viewer',
          readOnly: true,
          grants: [{ type: 'instance', id: instance.id }],
        },
        token: { id: token.id, name: 'Laptop', ownerId: alice.id, ownerName: 'alice' },
        address: '127.0.0.1',
      })
      expect(page.log[0]?.sessionId).toMatch(/./)
      expect(page.log[0]?.requestId).toMatch(/./)
    })

    it('never holds the secret', async () => {
      const { token } = await mintToken(forge, { user: alice, instance })

      expect((await get('/tokens/audit-log', alice)).body).not.toContain(token.slice(19, 62))
    })

    it('is empty for somebody else', async () => {
      await mintToken(forge, { user: alice, instance })

      expect(await logOf('/tokens/audit-log', bob)).toEqual({ meta: {}, count: 0, log: [] })
    })

    it('is read newest first, page by page', async () => {
      await write(changes(5))
      const all = (await logOf('/tokens/audit-log', alice)).log.map(({ id }) => id)

      const first = await logOf('/tokens/audit-log?limit=2', alice)
      const second = await logOf(`/tokens/audit-log?limit=2&cursor=${first.meta.next_cursor}`, alice)
      const third = await logOf(`/tokens/audit-log?limit=2&cursor=${second.meta.next_cursor}`, alice)

      expect([...all].sort().reverse()).toEqual(all)
      expect([first, second, third].flatMap(({ log }) => log.map(({ id }) => id))).toEqual(all)
      expect([first.count, third.meta]).toEqual([5, {}])
    })

    it('refuses a cursor that no list gave out', async () => {
      expect((await get("/tokens/audit-log?cursor='", alice)).statusCode).toBe(400)
    })

    it.each([
      ['one event', 'event=user.pat.created', ['user.pat.created']],
      ['several events', 'event=user.pat.created&event=user.pat.revoked', ['user.pat.revoked', 'user.pat.created']],
      ['a token', `tokenId=${aToken.id}`, ['user.pat.revoked']],
      ['a person', 'username=alice', ['user.pat.revoked', 'user.pat.created']],
      ['a person who did nothing here', 'username=bob', []],
      ['a time from which on', 'from=2999-01-01T00:00:00Z', []],
      ['a time until which', 'to=2999-01-01T00:00:00Z', ['user.pat.revoked', 'user.pat.created']],
    ])('keeps %s', async (_, query, events) => {
      await mintToken(forge, { user: alice, instance })
      await write(changes(1))

      expect(await eventsOf(`/tokens/audit-log?${query}`, alice)).toEqual(events)
    })

    it('counts the first moment in, and the last one out', async () => {
      await write(changes(1))
      const at = (await logOf('/tokens/audit-log', alice)).log[0]?.createdAt

      expect((await logOf(`/tokens/audit-log?from=${at}`, alice)).count).toBe(1)
      expect((await logOf(`/tokens/audit-log?to=${at}`, alice)).count).toBe(0)
    })

    it('refuses an event that does not exist', async () => {
      const answer = await get('/tokens/audit-log?event=user.pat.eaten', alice)

      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({ code: 'invalid_request' })
    })

    it('asks for a session', async () => {
      const url = `${forge.url}/api/v1/tokens/audit-log`
      const { token } = await mintToken(forge, { user: alice, instance })

      const none = await forge.app.inject({ url })
      const withToken = await forge.app.inject({ url, headers: { authorization: `Bearer ${token}` } })
      expect([none.statusCode, none.json().code]).toEqual([401, 'unauthorized'])
      expect([withToken.statusCode, withToken.json().code]).toEqual([403, 'session_required'])
    })
  })

  describe('GET /api/v1/tokens/:id/audit-log', () => {
    it('tells of one token, ended or not', async () => {
      const token = await mintToken(forge, { user: alice, instance })
      await write(changes(1))

      expect(await eventsOf(`/tokens/${token.id}/audit-log`, alice)).toEqual(['user.pat.created'])
    })

    it('stays when the row of the token is gone', async () => {
      const token = await mintToken(forge, { user: alice, instance, name: 'Laptop' })
      await forge.db.query('DELETE FROM pat_tokens')

      expect((await logOf(`/tokens/${token.id}/audit-log`, alice)).log[0]?.token?.name).toBe('Laptop')
    })

    it('is not found for another person, not even an owner of the team', async () => {
      const token = await mintToken(forge, { user: alice, instance })
      await write(changes(1, { token: { ...aToken, id: token.id, owner: { id: alice.id, username: 'alice' } } }))

      const answer = await get(`/tokens/${token.id}/audit-log`, bob)
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found'])
    })

    it('is not found for a token that does not exist', async () => {
      expect((await get(`/tokens/${aToken.id}/audit-log`, alice)).statusCode).toBe(404)
    })
  })

  describe('GET /api/v1/teams/:id/audit-log', () => {
    it('is for the owners of the team', async () => {
      await write(changes(1))

      const { log } = await logOf(`/teams/${team.id}/audit-log`, bob)
      expect(log[0]).toMatchObject({ scope: { id: team.id, type: 'team', name: 'packaging' }, username: 'alice' })
    })

    it('shares the occurrence with the log of the person', async () => {
      await write(changes(1))

      const [own] = (await logOf('/tokens/audit-log', alice)).log
      const [theirs] = (await logOf(`/teams/${team.id}/audit-log`, bob)).log
      expect(theirs?.occurrenceId).toBe(own?.occurrenceId)
      expect(theirs?.id).not.toBe(own?.id)
    })

    it('says what its own scope was given to say', async () => {
      const owner = { id: alice.id, username: 'alice' }
      const inTeam = { ...teamLog(team), body: { reason: 'by_team' } as const }
      await write(changes(1, { scopes: [ownLog(owner), inTeam] }))

      expect((await logOf('/tokens/audit-log', alice)).log[0]?.body).toEqual({ reason: 'by_owner' })
      expect((await logOf(`/teams/${team.id}/audit-log`, bob)).log[0]?.body).toEqual({ reason: 'by_team' })
    })

    it.each([
      ['a member', () => alice],
      ['an administrator of the platform', () => forge.admin],
    ])('is not found for %s', async (_, person) => {
      const answer = await get(`/teams/${team.id}/audit-log`, person())

      expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found'])
    })

    it('is not found for an owner of another team', async () => {
      await createTeam(forge, { owner: alice })

      expect((await get(`/teams/${team.id}/audit-log`, alice)).statusCode).toBe(404)
    })

    it('keeps the names of people who are gone', async () => {
      await write(changes(1))
      await forge.db.query('DELETE FROM team_members WHERE user_id = $1', { bind: [alice.id] })
      await forge.db.query('DELETE FROM users WHERE id = $1', { bind: [alice.id] })

      const [entry] = (await logOf(`/teams/${team.id}/audit-log`, bob)).log
      expect(entry).toMatchObject({ username: 'alice', token: { ownerName: 'alice' } })
    })
  })

  describe('an export', () => {
    it('is JSON lines of the same entries, however many', async () => {
      await forge.db.transaction(async (transaction) => {
        const audit = auditOn(forge.db, forge.keys)
        for (const entry of changes(501)) await audit.write(entry, transaction)
      })

      const answer = await get(`/teams/${team.id}/audit-log?format=jsonl`, bob)
      const entries = answer.body
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as AuditLogEntry)
      expect(answer.headers['content-type']).toBe('application/jsonl; charset=utf-8')
      expect(answer.headers['content-disposition']).toBe('attachment; filename="audit-log.jsonl"')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(new Set(entries.map(({ id }) => id)).size).toBe(501)
      expect(entries.slice(0, 1)).toEqual((await logOf(`/teams/${team.id}/audit-log?limit=1`, bob)).log)
    })

    it('is CSV in which no cell is a formula', async () => {
      await write(changes(1))

      const answer = await get('/tokens/audit-log?format=csv', alice)
      const [header, row, end] = answer.body.split('\r\n')
      expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
      expect(header).toMatch(/^"id","createdAt","event","username",/)
      expect(row).toContain(`,"'=HYPERLINK(""x"")",`)
      expect(row).toContain('"{""reason"":""by_owner""}"')
      expect(end).toBe('')
    })

    it('keeps only what is asked for', async () => {
      await mintToken(forge, { user: alice, instance })
      await write(changes(1))

      const { body } = await get('/tokens/audit-log?format=jsonl&event=user.pat.created', alice)
      expect(body.trim().split('\n')).toHaveLength(1)
    })

    it('is refused like the log itself', async () => {
      expect((await get(`/teams/${team.id}/audit-log?format=csv`, alice)).statusCode).toBe(404)
    })
  })

  describe('reading a log', () => {
    // PostgreSQL chooses by the size of the table, and takes another way through one as small as a test's.
    it.runIf(dialect === 'sqlite')('walks an index, newest first', async () => {
      const plan = await forge.db.query(
        `EXPLAIN QUERY PLAN SELECT * FROM pat_audit_entries
         WHERE scope_type = 'team' AND scope_id = 'x' ORDER BY id DESC LIMIT 101`,
      )

      expect(JSON.stringify(plan)).toContain('pat_audit_entries_scope')
      expect(JSON.stringify(plan)).not.toMatch(/sort|temp b-tree/i)
    })
  })
}
