import { randomUUID } from 'node:crypto'

import { expect, it, vi } from 'vitest'

import type { ActiveIntrospection } from '../../../forge/contract/introspection.ts'
import type { Token, TokenUsage } from '../../../forge/contract/token.ts'
import type {
  CallReceipt,
  ReportedCall,
  ToolCall,
  ToolCallDays,
  ToolCallPage,
} from '../../../forge/contract/tool-calls.ts'
import { oldCallsTask } from '../../../forge/mcp/old-calls.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import { deleteEndedTokens } from '../../../forge/tokens/tombstones.ts'
import { createInstance, openBrowser, type Browser, type TestInstance } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { auditOn } from '../audit/entries.ts'
import { addTeam, DAY_MS, introspect, mint, NOW, useWorld } from '../oversight/scene.ts'
import { asInstance, ruleFor } from './scene.ts'

const HOUR_MS = 3_600_000
const at = (ms: number) => new Date(ms).toISOString()

/** The log of calls, on whichever database. */
export function callCases(dialect: Dialect): void {
  const world = useWorld(dialect)

  /** What an instance was given for a token. */
  async function refOf(token: string, instance = world.instance): Promise<string> {
    const answer = (await introspect(world, instance, token)) as unknown as ActiveIntrospection
    return answer.forge.auditRef
  }
  async function mintWithRef(change: Parameters<typeof mint>[1] = {}) {
    const { id, token } = await mint(world, change)
    return { id, token, auditRef: await refOf(token) }
  }
  const callOf = (auditRef: string, change: Partial<ReportedCall> = {}): ReportedCall => ({
    id: randomUUID(),
    auditRef,
    at: at(Date.now()),
    server: '/mcp',
    tool: 'read_metrics',
    outcome: 'ok',
    durationMs: 12,
    ...change,
  })
  const send = (calls: ReportedCall[], instance: TestInstance = world.instance) =>
    asInstance(world.forge, instance)('POST', 'audit', { calls })
  async function report(calls: ReportedCall[], instance: TestInstance = world.instance): Promise<CallReceipt> {
    const answer = await send(calls, instance)
    expect(answer.statusCode, answer.body).toBe(200)
    return answer.json<CallReceipt>()
  }
  const page = async (path: string, browser: Browser = world.member) => {
    const answer = await browser('GET', `/api/v1/${path}`)
    expect(answer.statusCode, answer.body).toBe(200)
    return answer.json<ToolCallPage>()
  }
  const listed = async (path: string, browser?: Browser) => (await page(path, browser)).calls

  it('says who called what with which token, from where, and what came of it', async () => {
    const { id, auditRef } = await mintWithRef({ name: 'Claude Code' })
    const call = callOf(auditRef, {
      outcome: 'refused',
      reason: 'tool_role',
      client: 'claude-code 2.1',
      address: '203.0.113.7',
      requestId: '7',
    })

    expect(await report([call])).toEqual({ accepted: 1, duplicates: 0, refused: [] })
    expect(await listed('calls')).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string,
        at: at(NOW),
        user: { id: world.alice.id, username: 'alice' },
        token: { id, name: 'Claude Code' },
        instance: { id: world.instance.id, name: 'packer' },
        server: '/mcp',
        tool: 'read_metrics',
        outcome: 'refused',
        reason: 'tool_role',
        durationMs: 12,
        client: 'claude-code 2.1',
        address: '203.0.113.7',
        requestId: '7',
        arguments: null,
      } satisfies ToolCall,
    ])
  })

  it('counts a call once, however often and however many times at once it is reported', async () => {
    const { auditRef } = await mintWithRef()
    const calls = Array.from({ length: 20 }, () => callOf(auditRef))

    const receipts = await Promise.all([1, 2, 3, 4].map(() => report(calls)))
    expect(receipts.map(({ accepted }) => accepted).reduce((a, b) => a + b)).toBe(20)
    expect(receipts.map(({ duplicates }) => duplicates).reduce((a, b) => a + b)).toBe(60)
    expect(await report(calls)).toEqual({ accepted: 0, duplicates: 20, refused: [] })
    expect((await page('calls')).count).toBe(20)
  })

  it('counts a call once that stands twice in one report, in whatever case of letters', async () => {
    const { auditRef } = await mintWithRef()
    const call = callOf(auditRef)

    const receipt = await report([call, call, { ...call, id: call.id.toUpperCase() }])
    expect(receipt).toEqual({ accepted: 1, duplicates: 2, refused: [] })
  })

  it('refuses references that this instance was not given, and takes the rest', async () => {
    const { token, auditRef } = await mintWithRef({ grants: [{ type: 'application', id: world.application.id }] })
    const other = await createInstance(world.forge, { application: world.application, name: 'labeller' })
    const foreign = callOf(await refOf(token, other))
    const forged = callOf(`${auditRef.slice(0, -1)}${auditRef.endsWith('A') ? 'B' : 'A'}`)

    expect(await report([foreign, callOf(auditRef), forged])).toEqual({
      accepted: 1,
      duplicates: 0,
      refused: [foreign, forged].map(({ id }) => ({ id, reason: 'unknown_reference' })),
    })
  })

  it('lets no instance keep out the calls of another by their ids', async () => {
    const { token, auditRef } = await mintWithRef({ grants: [{ type: 'application', id: world.application.id }] })
    const other = await createInstance(world.forge, { application: world.application, name: 'labeller' })
    const call = callOf(auditRef)

    await report([{ ...call, auditRef: await refOf(token, other) }], other)
    expect(await report([call])).toMatchObject({ accepted: 1, duplicates: 0 })
  })

  it('takes what comes late: the token is revoked or its record deleted, the person gone', async () => {
    const [revoked, deleted] = [await mintWithRef({ name: 'revoked' }), await mintWithRef({ name: 'deleted' })]
    for (const { id } of [revoked, deleted]) await world.member('DELETE', `/api/v1/tokens/${id}`)
    const { db } = world.forge
    const ended = { before: new Date(NOW + 1), exchangedBefore: new Date(NOW + 1) }
    await deleteEndedTokens({ db, models: defineTokenModels(db), audit: auditOn(db) }, ended, 1)
    await world.forge.store.User.destroy({ where: { id: world.alice.id } })

    const calls = [callOf(revoked.auditRef), callOf(deleted.auditRef)]
    expect(await report(calls)).toMatchObject({ accepted: 2, refused: [] })
    expect(await listed(`teams/${world.team.id}/calls`, world.owner)).toMatchObject([
      { user: { id: world.alice.id, username: 'alice' }, token: { name: 'deleted' } },
      { user: { id: world.alice.id, username: 'alice' }, token: { name: 'revoked' } },
    ])
  })

  it('keeps the names of the time', async () => {
    const { id, auditRef } = await mintWithRef({ name: 'before' })
    await report([callOf(auditRef)])
    await world.member('PATCH', `/api/v1/tokens/${id}`, { name: 'after' })
    await world.forge.store.Instance.update({ name: 'wrapper' }, { where: { id: world.instance.id } })

    expect(await listed('calls')).toMatchObject([{ token: { name: 'before' }, instance: { name: 'packer' } }])
  })

  it('takes a time days ago, and puts its own in the place of one that can not be', async () => {
    const { auditRef } = await mintWithRef()
    const times = [
      at(NOW - 8 * DAY_MS),
      at(NOW + 1),
      '1970-01-01T00:00:00Z',
      '0000-01-01T00:00:00Z',
      '2016-12-31T23:59:60Z',
    ]
    await report(times.map((time) => callOf(auditRef, { at: time })))

    const shown = (await listed('calls')).map((call) => call.at).reverse()
    expect(shown).toEqual([at(NOW - 8 * DAY_MS), at(NOW), at(NOW), at(NOW), at(NOW)])
  })

  it('keeps arguments only where a rule says so now, without the fields that it names', async () => {
    const { auditRef } = await mintWithRef()
    const args = { line: 4, Pin: '1234', nested: [{ pin: '5', speed: 2 }] }
    await report([callOf(auditRef, { arguments: args })])

    const rules = [ruleFor('read_metrics', { keepArguments: { redact: ['pin'] } })]
    await world.owner('PUT', `/api/v1/instances/${world.instance.id}/tool-rules`, { rules })
    const long = { text: 'x'.repeat(5_000) }
    await report([
      { ...callOf(auditRef), arguments: args },
      { ...callOf(auditRef), arguments: long },
    ])

    const kept = (await listed('calls')).map((call) => call.arguments).reverse()
    expect(kept).toEqual([null, { line: 4, nested: [{ speed: 2 }] }, null])
  })

  it('tells the last use of a token, and its uses by day', async () => {
    const { id, auditRef } = await mintWithRef()
    const client = { client: 'cursor 1.7', address: '203.0.113.9' }
    vi.setSystemTime(NOW + HOUR_MS)
    const late = callOf(auditRef, { ...client, at: at(NOW + 60_000) })
    await report([
      late,
      callOf(auditRef, { client: 'older', at: at(NOW + 1_000) }),
      callOf(auditRef, { at: at(NOW - DAY_MS) }),
    ])

    const { days } = (await world.member('GET', `/api/v1/tokens/${id}/usage`)).json<TokenUsage>()
    expect(days.slice(-2).map(({ uses }) => uses)).toEqual([1, 2])
    vi.setSystemTime(NOW + 2 * HOUR_MS) // one use was written already, and the next one is due now
    await vi.waitFor(
      async () => {
        const { lastUse } = (await world.member('GET', `/api/v1/tokens/${id}`)).json<Token>()
        expect(lastUse).toMatchObject({ ...client, at: at(NOW + 60_000), instanceId: world.instance.id })
      },
      { timeout: 10_000, interval: 100 },
    )
  })

  it('is read by who called, and by the owners of the team that the instance is in', async () => {
    const { id, auditRef } = await mintWithRef()
    await report([callOf(auditRef)])
    const elsewhere = await addTeam(world)
    const second = await mint(world, {
      instance: elsewhere.instance,
      grants: [{ type: 'team', id: elsewhere.team.id }],
    })
    await report([callOf(await refOf(second.token, elsewhere.instance))], elsewhere.instance)

    expect(await listed('calls')).toHaveLength(2)
    expect(await listed(`tokens/${id}/calls`)).toHaveLength(1)
    expect(await listed(`teams/${world.team.id}/calls`, world.owner)).toMatchObject([{ instance: { name: 'packer' } }])
    expect(await listed('calls', world.owner)).toEqual([])

    const nobody = await openBrowser(world.forge)
    for (const path of [`teams/${world.team.id}/calls`, `teams/${world.team.id}/calls/days`]) {
      const answers = await Promise.all([world.member, world.stranger, nobody].map((b) => b('GET', `/api/v1/${path}`)))
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 401])
    }
    for (const path of [`tokens/${id}/calls`, `tokens/${id}/calls/days`]) {
      const answers = await Promise.all([world.owner, world.stranger, nobody].map((b) => b('GET', `/api/v1/${path}`)))
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 401])
    }
  })

  it('is narrowed by every filter, and read page by page', async () => {
    const { id, auditRef } = await mintWithRef()
    const other = await mintWithRef()
    await report([
      callOf(auditRef, { tool: 'a', at: at(NOW - HOUR_MS) }),
      callOf(auditRef, { tool: 'b', server: '/other' }),
    ])
    vi.setSystemTime(NOW + HOUR_MS)
    await report([callOf(other.auditRef, { tool: 'c', outcome: 'tool_error' })])
    const tools = async (query: string) =>
      (await listed(`teams/${world.team.id}/calls?${query}`, world.owner)).map(({ tool }) => tool)

    expect(await tools('')).toEqual(['c', 'b', 'a'])
    expect(await tools('tool=a')).toEqual(['a'])
    expect(await tools('server=/other')).toEqual(['b'])
    expect(await tools('outcome=tool_error')).toEqual(['c'])
    expect(await tools(`tokenId=${id}`)).toEqual(['b', 'a'])
    expect(await tools('username=alice')).toEqual(['c', 'b', 'a'])
    expect(await tools('username=olga')).toEqual([])
    expect(await tools(`instanceId=${world.instance.id}`)).toHaveLength(3)
    expect(await tools(`from=${at(NOW)}`)).toEqual(['c', 'b'])
    expect(await tools(`to=${at(NOW)}`)).toEqual(['a'])
    expect(await tools(`from=${at(NOW)}&to=${at(NOW + 1)}`)).toEqual(['b'])

    const first = await page('calls?limit=2')
    const second = await page(`calls?limit=2&cursor=${first.meta.next_cursor}`)
    expect([first, second].map(({ count, calls }) => [count, calls.map(({ tool }) => tool)])).toEqual([
      [3, ['c', 'b']],
      [3, ['a']],
    ])
    expect(second.meta).toEqual({})
    for (const bad of ['cursor=x', 'from=2016-12-31T23:59:60Z', 'outcome=no', 'limit=0']) {
      expect((await world.member('GET', `/api/v1/calls?${bad}`)).statusCode, bad).toBe(400)
    }
  })

  it('is counted by day and outcome', async () => {
    const { id, auditRef } = await mintWithRef()
    await report([
      callOf(auditRef, { at: at(NOW - DAY_MS) }),
      callOf(auditRef, { outcome: 'refused', tool: 'stop_line' }),
      callOf(auditRef, { outcome: 'tool_error' }),
      callOf(auditRef),
      callOf(auditRef, { at: at(NOW - 31 * DAY_MS) }),
    ])
    const days = async (path: string, browser: Browser) =>
      (await browser('GET', `/api/v1/${path}`)).json<ToolCallDays>().days

    for (const [path, browser] of [
      ['calls/days', world.member],
      [`tokens/${id}/calls/days`, world.member],
      [`teams/${world.team.id}/calls/days`, world.owner],
    ] as const) {
      const all = await days(path, browser)
      expect(all).toHaveLength(30)
      expect(all.slice(-2)).toEqual([
        { day: '2026-11-22', ok: 1, toolErrors: 0, refused: 0 },
        { day: '2026-11-23', ok: 1, toolErrors: 1, refused: 1 },
      ])
    }
    expect((await days('calls/days?tool=stop_line', world.member)).at(-1)).toMatchObject({ ok: 0, refused: 1 })
  })

  it('is downloaded whole, and a spreadsheet runs nothing of it', async () => {
    const { auditRef } = await mintWithRef({ name: '=HYPERLINK("https://evil.example")' })
    await report([callOf(auditRef, { client: '+cmd' }), callOf(auditRef)])

    const csv = await world.member('GET', '/api/v1/calls?format=csv')
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
    expect(csv.headers['content-disposition']).toBe('attachment; filename="tool-calls.csv"')
    expect(csv.body.split('\r\n')).toHaveLength(4)
    expect(csv.body).toContain(`"'=HYPERLINK(""https://evil.example"")"`)
    expect(csv.body).toContain(`"'+cmd"`)

    const lines = (await world.member('GET', '/api/v1/calls?format=jsonl')).body.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as ToolCall)).toEqual(await listed('calls'))
  })

  it('goes back for as many days as it should, counted from when the forge learned of a call', async () => {
    const { auditRef } = await mintWithRef()
    await report([callOf(auditRef, { at: at(NOW - 20 * DAY_MS) })])
    const task = oldCallsTask(world.forge.db, 10)

    await task.run(new Date(NOW + 10 * DAY_MS), () => false)
    expect(await listed('calls')).toHaveLength(1)
    await task.run(new Date(NOW + 10 * DAY_MS + 1), () => false)
    expect(await listed('calls')).toEqual([])
  })

  it('refuses a report that is not as it should be, and writes none of it', async () => {
    const { auditRef } = await mintWithRef()
    const good = callOf(auditRef)
    for (const bad of [
      { ...good, id: 'x' },
      { ...good, username: 'zoe' },
      { ...good, at: 'yesterday' },
    ]) {
      expect((await send([good, bad])).statusCode).toBe(400)
    }
    expect((await send(Array.from({ length: 201 }, () => callOf(auditRef)))).statusCode).toBe(400)
    expect(await listed('calls')).toEqual([])
  })

  it('takes text that no database could keep as it is', async () => {
    const { auditRef } = await mintWithRef()
    await report([callOf(auditRef, { client: 'a\0b\u202e', tool: 'half \ud800', requestId: '\ud800' })])

    expect(await listed('calls')).toMatchObject([{ client: 'a b', tool: 'half \ufffd', requestId: '\ufffd' }])
  })
}
