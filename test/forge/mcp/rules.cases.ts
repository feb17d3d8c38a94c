import { expect, it } from 'vitest'

import type { ToolRule, ToolRules } from '../../../forge/contract/tool-registry.ts'
import { addMember, createUser, openBrowser, setOverride, signIn, type Browser } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { logOf, useWorld } from '../oversight/scene.ts'
import { asInstance, READ, report, ruleFor, setOf, toolsOf } from './scene.ts'

/** What owners say of the tools of an instance, on whichever database. */
export function ruleCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  const path = () => `/api/v1/instances/${world.instance.id}/tool-rules`
  const save = (rules: ToolRule[], browser: Browser = world.owner) => browser('PUT', path(), { rules })
  const ask = (headers: Record<string, string> = {}) =>
    asInstance(world.forge, world.instance)('GET', 'tool-rules', undefined, headers)

  it('is nothing until an owner says something', async () => {
    const answer = await ask()

    expect([answer.statusCode, answer.json()]).toEqual([200, { rules: [] }])
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('reaches the instance, ordered, and is not sent again while it is the same', async () => {
    const rules = [
      ruleFor('stop_line', { off: true }),
      ruleFor('read_metrics', { minimumRole: 'member', people: [world.alice.id], keepArguments: { redact: ['pin'] } }),
    ]
    const saved = await save(rules)
    expect([saved.statusCode, saved.json<ToolRules>().rules]).toEqual([200, [rules[1], rules[0]]])

    const read = await ask()
    expect(read.json<ToolRules>().rules).toEqual([rules[1], rules[0]])
    expect(read.headers.etag).toBe(saved.headers.etag)

    const again = await ask({ 'if-none-match': String(read.headers.etag) })
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', read.headers.etag])

    await save([])
    expect((await ask({ 'if-none-match': String(read.headers.etag) })).json()).toEqual({ rules: [] })
  })

  it('is shown beside the tools, with the names of people and rules about tools that nobody reported', async () => {
    await report(world.forge, world.instance, setOf([READ]))
    const [known, other] = [ruleFor('read_metrics', { people: [world.alice.id] }), ruleFor('sing', { off: true })]
    await save([known, other])

    const listed = await toolsOf(world.owner, world.instance)
    expect(listed.tools.map(({ rule }) => rule)).toEqual([known])
    expect(listed).toMatchObject({
      otherRules: [other],
      people: [{ id: world.alice.id, username: 'alice', name: 'Alice' }],
      mayEdit: true,
    })
    expect((await ask()).headers.etag).toBe(`"${listed.rulesVersion}"`)
  })

  it('knows the server however its path is written', async () => {
    await report(world.forge, world.instance, setOf([READ]))
    const rule = ruleFor('read_metrics', { off: true })
    await save([{ ...rule, server: '/MCP/' }])

    expect((await toolsOf(world.owner, world.instance)).tools.map((tool) => tool.rule)).toEqual([rule])
    expect((await save([rule, { ...rule, server: '/Mcp' }])).statusCode).toBe(400)
  })

  it('drops a rule that says nothing', async () => {
    expect((await save([ruleFor('read_metrics')])).json()).toEqual({ rules: [] })
  })

  it('writes what changed into the audit of the team, and nothing when nothing did', async () => {
    const rule = ruleFor('read_metrics', { minimumRole: 'member' })
    await save([rule])
    await save([rule])
    await save([{ ...rule, minimumRole: 'owner' }])

    const entries = await logOf(world.owner, `teams/${world.team.id}/audit-log`)
    expect(entries.map(({ event, username, body }) => ({ event, username, body }))).toEqual([
      {
        event: 'team.toolRules.updated',
        username: 'olga',
        body: {
          instance: { id: world.instance.id, name: 'packer' },
          updates: [{ key: '/mcp read_metrics', old: rule, new: { ...rule, minimumRole: 'owner' } }],
        },
      },
      {
        event: 'team.toolRules.updated',
        username: 'olga',
        body: {
          instance: { id: world.instance.id, name: 'packer' },
          updates: [{ key: '/mcp read_metrics', old: null, new: rule }],
        },
      },
    ])
  })

  it('is not overwritten by who has not seen what another owner said', async () => {
    const { rulesVersion } = await toolsOf(world.owner, world.instance)
    const { app, url } = world.forge
    const { cookie } = await signIn(world.forge, world.olga)
    const put = (rules: ToolRule[]) =>
      app.inject({
        method: 'PUT',
        url: url + path(),
        headers: { cookie, 'if-match': `"${rulesVersion}"` },
        payload: { rules },
      })

    const answers = await Promise.all([put([ruleFor('a', { off: true })]), put([ruleFor('b', { off: true })])])
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412])
    expect((await ask()).json<ToolRules>().rules).toHaveLength(1)
  })

  it('names members only, and who has left may stay in the list', async () => {
    const stranger = await createUser(world.forge)
    const refused = await save([ruleFor('a', { people: [world.alice.id, stranger.id] })])
    expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([400, 'invalid_request'])

    await save([ruleFor('a', { people: [world.alice.id] })])
    await world.forge.store.Member.destroy({ where: { userId: world.alice.id } })
    expect((await save([ruleFor('a', { people: [world.alice.id], off: true })])).statusCode).toBe(200)
    expect((await save([ruleFor('b', { people: [world.alice.id] })])).statusCode).toBe(400)
  })

  it('is seen by viewers and changed by owners; nobody else finds the instance', async () => {
    const { forge, team } = world
    const [viewer, dashboard] = [await createUser(forge), await createUser(forge)]
    await addMember(forge, { team, user: viewer, role: 'viewer' })
    await addMember(forge, { team, user: dashboard, role: 'dashboard' })
    const statuses = async (browser: Browser) => [
      (await browser('GET', `/api/v1/instances/${world.instance.id}/tools`)).statusCode,
      (await save([], browser)).statusCode,
    ]

    expect(await statuses(world.owner)).toEqual([200, 200])
    expect(await statuses(world.member)).toEqual([200, 403])
    expect(await statuses(await openBrowser(forge, viewer))).toEqual([200, 403])
    expect(await statuses(await openBrowser(forge, dashboard))).toEqual([404, 404])
    expect(await statuses(world.stranger)).toEqual([404, 404])
    expect(await statuses(await openBrowser(forge, forge.admin))).toEqual([404, 404])
    expect(await statuses(await openBrowser(forge))).toEqual([401, 401])
  })

  it('counts the role in the application where it replaces the role in the team', async () => {
    const { forge, application, alice, olga } = world
    await setOverride(forge, { application, user: alice, role: 'owner' })
    await setOverride(forge, { application, user: olga, role: 'none' })

    expect((await save([], world.member)).statusCode).toBe(200)
    expect((await save([])).statusCode).toBe(404)
    expect((await world.owner('GET', `/api/v1/instances/${world.instance.id}/tools`)).statusCode).toBe(404)
  })

  it('takes one rule for a tool', async () => {
    const answer = await save([ruleFor('a', { off: true }), ruleFor('a', { minimumRole: 'owner' })])
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'invalid_request'])
  })

  it('goes with the instance, and so do its tools', async () => {
    await report(world.forge, world.instance, setOf([READ]))
    await save([ruleFor('read_metrics', { off: true })])
    await world.owner('DELETE', `/api/v1/instances/${world.instance.id}`)

    for (const table of ['pat_tool_sets', 'pat_tools', 'pat_tool_rules']) {
      expect((await world.forge.db.query(`SELECT * FROM ${table}`))[0], table).toEqual([])
    }
  })
}
