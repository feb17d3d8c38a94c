import { expect, it, vi } from 'vitest'

import type { TokenTools } from '../../../forge/contract/tool-registry.ts'
import { openBrowser } from '../../support/builders.ts'
import { READ, report, setOf, WRITE } from '../mcp/scene.ts'
import { addTeam, DAY_MS, mint, NOW, useWorld } from './scene.ts'

const world = useWorld('sqlite')
const toolsOf = (id: string, browser = world.owner, team = world.team) =>
  browser('GET', `/api/v1/teams/${team.id}/tokens/${id}/tools`)

it('shows the owners of a team what a token can call, and what came or changed since it was minted', async () => {
  await report(world.forge, world.instance, setOf([READ, WRITE]))
  const { id } = await mint(world, { role: 'viewer' })
  vi.setSystemTime(NOW + DAY_MS)
  const set = setOf([READ, { ...WRITE, description: 'Faster.' }, { ...READ, name: 'fresh' }], 'another-hash-0123')
  await report(world.forge, world.instance, set)

  const { count, tools } = (await toolsOf(id)).json<TokenTools>()

  expect(count).toBe(3)
  expect(tools.map(({ name, allowed, sinceMinted }) => [name, allowed, sinceMinted])).toEqual([
    ['fresh', true, 'new'],
    ['read_metrics', true, null],
    ['set_speed', false, 'changed'],
  ])
})

it('shows nothing of what the token reaches in another team', async () => {
  const other = await addTeam(world)
  await report(world.forge, world.instance, setOf([READ]))
  await report(world.forge, other.instance, setOf([{ ...READ, name: 'elsewhere' }]))
  const both = [world.instance.id, other.instance.id]
  const { id } = await mint(world, { grants: both.map((instance) => ({ type: 'instance' as const, id: instance })) })

  expect((await toolsOf(id)).json<TokenTools>().tools.map(({ name }) => name)).toEqual(['read_metrics'])
})

it('knows no token that does not reach the team, and is for its owners alone', async () => {
  const other = await addTeam(world)
  const { id: elsewhere } = await mint(world, { grants: [{ type: 'instance', id: other.instance.id }] })
  const { id } = await mint(world)

  expect((await toolsOf(elsewhere)).statusCode).toBe(404)
  expect((await toolsOf('unknown')).statusCode).toBe(404)
  for (const browser of [world.member, world.stranger]) expect((await toolsOf(id, browser)).statusCode).toBe(404)
  expect((await toolsOf(id, await openBrowser(world.forge))).statusCode).toBe(401)
})
