import { randomUUID } from 'node:crypto'

import { expect, it, vi } from 'vitest'

import type { ActiveIntrospection } from '../../../forge/contract/introspection.ts'
import type { Token, UsedToken } from '../../../forge/contract/token.ts'
import type { TokenTools } from '../../../forge/contract/tool-registry.ts'
import type { ReportedCall } from '../../../forge/contract/tool-calls.ts'
import { createInstance, openBrowser, type TestInstance } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { asInstance, DESTROY, READ, report, ruleFor, setOf, WRITE } from '../mcp/scene.ts'
import { DAY_MS, introspect, mint, NOW, useWorld } from '../oversight/scene.ts'

/** What a token was used for, and what it is narrowed to, on whichever database. */
export function usedCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  const used = async (id: string) => (await world.member('GET', `/api/v1/tokens/${id}/used`)).json<UsedToken>()
  const offer = (instance = world.instance) => report(world.forge, instance, setOf([READ, WRITE, DESTROY]))
  const another = async () => {
    const labeller = await createInstance(world.forge, { application: world.application, name: 'labeller' })
    await offer(labeller)
    return labeller
  }

  async function call(token: string, tool: string, change: Partial<ReportedCall> = {}, instance = world.instance) {
    const { forge } = (await introspect(world, instance, token)) as unknown as ActiveIntrospection
    const at = new Date().toISOString()
    const base = { auditRef: forge.auditRef, at, server: '/mcp', durationMs: 1, outcome: 'ok' as const }
    const calls = [{ ...base, id: randomUUID(), tool, ...change }]
    const answer = await asInstance(world.forge, instance)('POST', 'audit', { calls })
    expect(answer.json()).toMatchObject({ accepted: 1 })
  }
  const wholeTeam = () => mint(world, { grants: [{ type: 'team', id: world.team.id }], role: 'member' })
  const named = (...instances: TestInstance[]) => instances.map(({ id }) => ({ type: 'instance', id }))

  it('is nothing for a token that nobody has used', async () => {
    const { id } = await mint(world)
    const nothing = { calls: 0, instances: 0, tools: 0, clients: 0, networks: 0, shrink: null }
    expect(await used(id)).toEqual(nothing)
  })

  it('narrows to the instances and tools that were called, to read-only and to the lowest role that does it', async () => {
    await offer()
    await another()
    const { id, token } = await wholeTeam()
    await call(token, 'read_metrics')
    expect(await used(id)).toEqual({
      calls: 1,
      instances: 1,
      tools: 1,
      clients: 0,
      networks: 0,
      shrink: { grants: named(world.instance), tools: ['read_metrics'], role: 'viewer', readOnly: true },
    })
  })

  it('leaves what was called as it is: after the change it can be called still, and there is nothing more to take', async () => {
    await offer()
    await another()
    const { id, token } = await wholeTeam()
    await call(token, 'set_speed')
    const { shrink } = await used(id)
    expect(shrink).toEqual({ grants: named(world.instance), tools: ['set_speed'] })

    vi.setSystemTime(NOW + 20 * 60_000) // narrowing asks for no fresh sign-in
    const answer = await world.member('PATCH', `/api/v1/tokens/${id}`, shrink ?? {})
    expect([answer.statusCode, answer.json<Token>().tools]).toEqual([200, ['set_speed']])
    const { tools } = (await world.member('GET', `/api/v1/tokens/${id}/tools`)).json<TokenTools>()
    expect(tools.filter(({ allowed }) => allowed).map(({ name }) => name)).toEqual(['set_speed'])
    expect((await used(id)).shrink).toBeNull()
  })

  it('keeps the role that a rule of the owners asks for', async () => {
    await offer()
    const rules = [ruleFor('read_metrics', { minimumRole: 'member' })]
    await world.owner('PUT', `/api/v1/instances/${world.instance.id}/tool-rules`, { rules })
    const { id, token } = await mint(world)
    await call(token, 'read_metrics')
    expect((await used(id)).shrink).toEqual({ tools: ['read_metrics'], readOnly: true })
  })

  it('leaves role and writing alone where the last use was a plain request', async () => {
    await offer()
    const labeller = await another()
    const { id, token } = await wholeTeam()
    await call(token, 'read_metrics')
    vi.setSystemTime(NOW + DAY_MS)
    await introspect(world, labeller, token)
    await vi.waitFor(async () => expect((await used(id)).instances).toBe(2), 5_000)
    const { shrink } = await used(id)
    expect(shrink).toEqual({
      grants: expect.arrayContaining(named(world.instance, labeller)) as [],
      tools: ['read_metrics'],
    })
  })

  it('counts clients and networks, not addresses of one network, nor what was refused or is long ago', async () => {
    await offer()
    const { id, token } = await mint(world)
    await call(token, 'read_metrics', { client: 'claude-code 2.1', address: '2001:db8:1:1::1' })
    await call(token, 'read_metrics', { client: 'cursor 1.9', address: '2001:db8:1:1::2' })
    await call(token, 'read_metrics', { client: 'cursor 1.9', address: '203.0.113.7' })
    await call(token, 'set_speed', { outcome: 'refused', client: 'n8n', address: '198.51.100.1' })
    expect(await used(id)).toMatchObject({ calls: 3, tools: 1, clients: 2, networks: 2 })

    vi.setSystemTime(NOW + 31 * DAY_MS)
    const later = await openBrowser(world.forge, world.alice)
    const answer = (await later('GET', `/api/v1/tokens/${id}/used`)).json<UsedToken>()
    expect(answer).toMatchObject({ calls: 0, clients: 0, shrink: null })
  })

  it('is shown to the owner of the token alone', async () => {
    const { id } = await mint(world)
    for (const browser of [world.owner, world.stranger]) {
      expect((await browser('GET', `/api/v1/tokens/${id}/used`)).statusCode).toBe(404)
    }
  })
}
