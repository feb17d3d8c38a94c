import { randomUUID } from 'node:crypto'

import { describe, expect, it, vi } from 'vitest'

import type { Explanation, Preview } from '../../../forge/contract/explain.ts'
import type { ActiveIntrospection } from '../../../forge/contract/introspection.ts'
import type { TeamTokenPage } from '../../../forge/contract/oversight.ts'
import type { CreatedToken, Token } from '../../../forge/contract/token.ts'
import type { ToolRule, TokenTools } from '../../../forge/contract/tool-registry.ts'
import { addMember, createInstance, createUser, openBrowser } from '../../support/builders.ts'
import { asInstance, DESTROY, READ, report, ruleFor, setOf, WRITE } from '../mcp/scene.ts'
import { introspect, logOf, mint, NOW, useWorld } from '../oversight/scene.ts'

const MINUTE_MS = 60_000
const world = useWorld('sqlite')
const toolsOf = async (id: string) => (await world.member('GET', `/api/v1/tokens/${id}/tools`)).json<TokenTools>()
const edit = (id: string, tools: string[] | null) => world.member('PATCH', `/api/v1/tokens/${id}`, { tools })
const asked = async (token: string) =>
  ((await introspect(world, world.instance, token)) as unknown as ActiveIntrospection).forge
const saveRules = (rules: ToolRule[]) =>
  world.owner('PUT', `/api/v1/instances/${world.instance.id}/tool-rules`, { rules })

describe('a token that is limited to tools', () => {
  it('says so wherever it is shown, and to the instance', async () => {
    const limited = await mint(world, { tools: ['read_metrics', 'set_speed'] })
    const unlimited = await mint(world)

    expect([limited.tools, unlimited.tools]).toEqual([['read_metrics', 'set_speed'], null])
    expect((await asked(limited.token)).tools).toEqual(['read_metrics', 'set_speed'])
    expect(await asked(unlimited.token)).not.toHaveProperty('tools')

    const { tokens } = (await world.owner('GET', `/api/v1/teams/${world.team.id}/tokens`)).json<TeamTokenPage>()
    expect(tokens.find(({ id }) => id === limited.id)?.tools).toEqual(['read_metrics', 'set_speed'])
    const [entry] = await logOf(world.member, `tokens/${limited.id}/audit-log`)
    expect(entry?.body).toMatchObject({ tools: ['read_metrics', 'set_speed'] })
  })

  it('may be limited to none at all', async () => {
    const { token } = await mint(world, { tools: [] })
    expect((await asked(token)).tools).toEqual([])
  })

  it('is narrowed freely, and widened like a new one', async () => {
    const { id, token } = await mint(world, { tools: ['read_metrics', 'set_speed'] })
    vi.setSystemTime(NOW + 11 * MINUTE_MS) // the sign-in is no longer fresh

    for (const wider of [['read_metrics', 'set_speed', 'stop_line'], ['stop_line'], null]) {
      const answer = await edit(id, wider)
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'reauthentication_required'])
    }
    expect((await edit(id, ['read_metrics'])).json<Token>().tools).toEqual(['read_metrics'])
    expect((await asked(token)).tools).toEqual(['read_metrics'])
    expect((await edit(id, [])).statusCode).toBe(200)

    vi.setSystemTime(NOW)
    expect((await edit(id, null)).json<Token>().tools).toBeNull()
    const bodies = (await logOf(world.member, `tokens/${id}/audit-log`)).map(({ body }) => body)
    expect(bodies).toEqual(
      expect.arrayContaining([
        { widened: true, updates: [{ key: 'tools', old: [], new: null }] },
        { widened: false, updates: [{ key: 'tools', old: ['read_metrics', 'set_speed'], new: ['read_metrics'] }] },
      ]),
    )
  })

  it('hands its limit on when it is rotated', async () => {
    const { id } = await mint(world, { tools: ['read_metrics'] })
    const answer = await world.member('POST', `/api/v1/tokens/${id}/rotate`, {})
    expect(answer.json<CreatedToken>().tools).toEqual(['read_metrics'])
  })

  it.each([
    [['a', 'a']],
    [[' ']],
    [['x'.repeat(129)]],
    ['read_metrics'],
    [Array.from({ length: 201 }, (_, i) => `t${i}`)],
  ])('is not minted with %j', async (tools) => {
    await expect(mint(world, { tools: tools as string[] })).rejects.toThrow('400')
  })
})

describe('the tools of a token', () => {
  it('are those of the instances that it reaches, with whether it can call them and why not', async () => {
    await report(world.forge, world.instance, setOf([READ, WRITE, DESTROY, { ...WRITE, name: 'wash' }]))
    await saveRules([ruleFor('read_metrics', { people: [world.olga.id] }), ruleFor('wash', { off: true })])
    const { id } = await mint(world, { role: 'member' })

    const { count, tools } = await toolsOf(id)
    expect(count).toBe(4)
    expect(tools.map(({ name, allowed, reason, writes }) => [name, allowed, reason, writes])).toEqual([
      ['read_metrics', false, 'The tool read_metrics is for certain people only.', false],
      ['set_speed', true, null, true],
      ['stop_line', false, 'The tool stop_line needs the role owner; this token counts as member here.', true],
      ['wash', false, 'The tool wash is switched off.', true],
    ])
    expect(tools[0]).toMatchObject({
      instance: { id: world.instance.id, name: 'packer' },
      server: { path: '/mcp', name: 'Line 4' },
      title: 'Read the metrics',
    })
  })

  it('tell which came and which changed since it was minted; those that are gone are left out', async () => {
    await report(world.forge, world.instance, setOf([READ, WRITE, { ...WRITE, name: 'wash' }]))
    vi.setSystemTime(NOW + MINUTE_MS)
    const { id } = await mint(world)
    vi.setSystemTime(NOW + 2 * MINUTE_MS)
    await report(
      world.forge,
      world.instance,
      setOf([READ, { ...WRITE, description: 'Faster.' }, DESTROY], 'later-0123456789'),
    )

    expect((await toolsOf(id)).tools.map(({ name, sinceMinted }) => [name, sinceMinted])).toEqual([
      ['read_metrics', null],
      ['set_speed', 'changed'],
      ['stop_line', 'new'],
    ])
  })

  it('tell which it has called in the last 30 days', async () => {
    await report(world.forge, world.instance, setOf([READ, WRITE]))
    const { id, token } = await mint(world)
    const { auditRef } = await asked(token)
    const call = { auditRef, at: new Date(NOW).toISOString(), server: '/mcp', durationMs: 1 }
    await asInstance(world.forge, world.instance)('POST', 'audit', {
      calls: [
        { ...call, id: randomUUID(), tool: 'read_metrics', outcome: 'ok' },
        { ...call, id: randomUUID(), tool: 'set_speed', outcome: 'refused' },
      ],
    })

    const shown = (await toolsOf(id)).tools.map(({ name, lastCalledAt }) => [name, lastCalledAt])
    expect(shown).toEqual([
      ['read_metrics', '2026-11-23T12:00:00.000Z'],
      ['set_speed', null],
    ])
  })

  it('are refused all together once it has ended', async () => {
    await report(world.forge, world.instance, setOf([READ]))
    const { id } = await mint(world)
    await world.member('DELETE', `/api/v1/tokens/${id}`)

    expect((await toolsOf(id)).tools).toMatchObject([{ allowed: false, reason: 'The token was revoked.' }])
  })

  it('are listed up to 500, and counted beyond', async () => {
    const many = (prefix: string) => Array.from({ length: 300 }, (_, i) => ({ name: `${prefix}_${i}` }))
    const other = await createInstance(world.forge, { application: world.application, name: 'labeller' })
    await report(world.forge, world.instance, setOf(many('a')))
    await report(world.forge, other, setOf(many('b')))
    const { id } = await mint(world, { grants: [{ type: 'team', id: world.team.id }] })

    const { count, tools } = await toolsOf(id)
    expect([count, tools.length]).toEqual([600, 500])
  })

  it('are found by the owner of the token alone, and shown from viewer up', async () => {
    await report(world.forge, world.instance, setOf([READ]))
    const { id } = await mint(world)
    expect((await world.owner('GET', `/api/v1/tokens/${id}/tools`)).statusCode).toBe(404)
    expect((await (await openBrowser(world.forge))('GET', `/api/v1/tokens/${id}/tools`)).statusCode).toBe(401)

    const dora = await createUser(world.forge)
    await addMember(world.forge, { team: world.team, user: dora, role: 'dashboard' })
    const hers = await mint(world, { user: dora, role: 'dashboard' })
    const answer = await (await openBrowser(world.forge, dora))('GET', `/api/v1/tokens/${hers.id}/tools`)
    expect(answer.json()).toEqual({ count: 0, tools: [] })
  })

  it('are previewed for a wish', async () => {
    await report(world.forge, world.instance, setOf([READ, WRITE]))
    const wish = {
      role: 'member',
      readOnly: true,
      tools: ['set_speed'],
      expiresAt: new Date(NOW + MINUTE_MS).toISOString(),
    }
    const grants = [{ type: 'instance', id: world.instance.id }]
    const { tools } = (await world.member('POST', '/api/v1/tokens/preview', { ...wish, grants })).json<Preview>()

    expect(tools.tools.map(({ allowed, reason }) => [allowed, reason])).toEqual([
      [false, 'The token is limited to other tools than read_metrics.'],
      [false, 'The tool set_speed changes something and this token is read-only.'],
    ])
  })
})

describe('explaining a tool', () => {
  const explain = (id: string, tool: object, browser = world.member) =>
    browser('POST', `/api/v1/tokens/${id}/explain`, { instanceId: world.instance.id, tool })

  it('judges what the instance reported by the rule of its owners', async () => {
    await report(world.forge, world.instance, setOf([READ, WRITE]))
    const { id } = await mint(world)
    const explained = async (name: string) => (await explain(id, { server: '/mcp', name })).json<Explanation>()

    expect(await explained('set_speed')).toMatchObject({ allowed: true })
    await saveRules([ruleFor('set_speed', { minimumRole: 'owner' })])
    const { allowed, rules } = await explained('set_speed')
    expect([allowed, rules.at(-1)?.rule]).toEqual([false, 'tool_role'])
  })

  it('finds no tool that the instance does not offer', async () => {
    await report(world.forge, world.instance, setOf([READ]))
    await report(world.forge, world.instance, setOf([], 'empty-0123456789'))
    const { id } = await mint(world)

    for (const tool of [
      { server: '/mcp', name: 'read_metrics' },
      { server: '/other', name: 'read_metrics' },
    ]) {
      expect((await explain(id, tool)).statusCode).toBe(404)
    }
  })
})
