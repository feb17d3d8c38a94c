import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { Team, TeamPage } from '../../../../forge/contract/host.ts'
import { createTeam, createUser, openBrowser, type Browser } from '../../../support/builders.ts'
import { startForge, type TestForge } from '../../../support/forge.ts'
import { setScene, type Scene } from '../scene.ts'

let forge: TestForge
let scene: Scene
let alice: Browser
beforeAll(async () => {
  forge = await startForge()
})
beforeEach(async () => {
  scene = await setScene(forge)
  alice = await openBrowser(forge, await createUser(forge))
})
afterAll(() => forge.close())

describe('POST /api/v1/teams', () => {
  it('makes whoever creates it the owner', async () => {
    const answer = await alice('POST', '/api/v1/teams', { name: ' Line 7 ', slug: 'line-7' })

    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toEqual({
      id: expect.any(String),
      name: 'Line 7',
      slug: 'line-7',
      suspended: false,
      createdAt: expect.any(String),
      role: 'owner',
      memberCount: 1,
      instanceCount: 0,
    })
  })

  it.each([
    ['Größe & Co. KG', 'gro-e-co-kg'],
    ['  --Straße--  ', 'stra-e'],
    ['生産', 'team'],
    ['x'.repeat(100), 'x'.repeat(40)],
  ])('makes a slug from the name %s', async (name, slug) => {
    expect((await alice('POST', '/api/v1/teams', { name })).json()).toMatchObject({ slug })
  })

  it('finds another slug when the one from the name is taken', async () => {
    await createTeam(forge, { slug: 'packaging' })

    const { slug } = (await alice('POST', '/api/v1/teams', { name: 'Packaging' })).json<Team>()

    expect(slug).toMatch(/^packaging-[0-9a-f]{8}$/)
  })

  it('refuses a chosen slug that is taken', async () => {
    const answer = await alice('POST', '/api/v1/teams', { name: 'Mine', slug: scene.team.slug })

    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({ code: 'conflict', error: expect.stringContaining('slug') })
    expect(await forge.store.Team.count({ where: { name: 'Mine' } })).toBe(0)
  })

  it.each([{ slug: '-x' }, { slug: 'UPPER' }, { slug: '' }, { name: '' }, { name: '\u0007' }, { owner: 'me' }])(
    'refuses %o',
    async (change) => {
      expect((await alice('POST', '/api/v1/teams', { name: 'x', ...change })).statusCode).toBe(400)
    },
  )
})

describe('GET /api/v1/teams', () => {
  it("lists one's own teams with role and numbers", async () => {
    await createTeam(forge)

    expect((await scene.as.viewer('GET', '/api/v1/teams')).json()).toMatchObject({
      meta: {},
      count: 1,
      teams: [{ id: scene.team.id, role: 'viewer', memberCount: 4, instanceCount: 1 }],
    })
    expect((await scene.as.stranger('GET', '/api/v1/teams')).json()).toMatchObject({ count: 0, teams: [] })
  })

  it('lists every team to an administrator, who has no role in them', async () => {
    const query = `?query=${scene.team.slug}`
    const { teams } = (await scene.as.admin('GET', `/api/v1/teams${query}`)).json<TeamPage>()

    expect(teams).toMatchObject([{ id: scene.team.id, role: null }])
  })

  it('shows teams of the same name once each, page by page', async () => {
    const browser = await openBrowser(forge, scene.people.stranger)
    for (const slug of ['same-1', 'same-2', 'same-3']) await browser('POST', '/api/v1/teams', { name: 'Same', slug })

    const first = (await browser('GET', '/api/v1/teams?limit=2')).json<TeamPage>()
    const second = (await browser('GET', `/api/v1/teams?limit=2&cursor=${first.meta.next_cursor}`)).json<TeamPage>()

    expect(first.count).toBe(3)
    expect([...first.teams, ...second.teams].map(({ slug }) => slug).sort()).toEqual(['same-1', 'same-2', 'same-3'])
    expect(second.meta).toEqual({})
  })
})

describe('PATCH /api/v1/teams/:id', () => {
  const patch = (browser: Browser, body: object) => browser('PATCH', `/api/v1/teams/${scene.team.id}`, body)

  it('renames it and keeps the slug', async () => {
    const answer = await patch(scene.as.owner, { name: 'Renamed' })

    expect(answer.json()).toMatchObject({ name: 'Renamed', slug: scene.team.slug })
    expect((await patch(scene.as.owner, { slug: 'other' })).statusCode).toBe(400)
  })

  it('is suspended by administrators alone', async () => {
    const asOwner = await patch(scene.as.owner, { suspended: true })
    expect(asOwner.statusCode).toBe(403)

    expect((await patch(scene.as.admin, { suspended: true })).json()).toMatchObject({ suspended: true })
    expect((await patch(scene.as.owner, { suspended: false })).statusCode).toBe(403)
  })
})

describe('DELETE /api/v1/teams/:id', () => {
  it('takes applications, instances and credentials with it', async () => {
    expect((await scene.as.owner('DELETE', `/api/v1/teams/${scene.team.id}`)).statusCode).toBe(204)

    expect(await forge.store.Application.count({ where: { id: scene.application.id } })).toBe(0)
    expect(await forge.store.Instance.count({ where: { id: scene.instance.id } })).toBe(0)
    expect(await forge.store.Credential.count({ where: { instanceId: scene.instance.id } })).toBe(0)
    expect((await scene.as.owner('GET', `/api/v1/teams/${scene.team.id}`)).statusCode).toBe(404)
  })
})
