import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { Member, MemberPage } from '../../../../forge/contract/host.ts'
import { addMember, createApplication, createTeam, createUser } from '../../../support/builders.ts'
import { startForge, type TestForge } from '../../../support/forge.ts'
import { setScene, type Scene } from '../scene.ts'

let forge: TestForge
let scene: Scene
let members: string
beforeAll(async () => {
  forge = await startForge()
})
beforeEach(async () => {
  scene = await setScene(forge)
  members = `/api/v1/teams/${scene.team.id}/members`
})
afterAll(() => forge.close())

describe('GET …/members', () => {
  it('lists members with their roles and overrides', async () => {
    const { application, people } = scene
    await scene.as.owner('PUT', `${members}/${people.viewer.id}/overrides/${application.id}`, { role: 'none' })

    const page = (await scene.as.viewer('GET', members)).json<MemberPage>()

    expect(page.count).toBe(4)
    expect(page.members.find(({ role }) => role === 'viewer')).toEqual({
      user: {
        id: people.viewer.id,
        username: people.viewer.username,
        name: people.viewer.name,
        email: people.viewer.email,
        suspended: false,
      },
      role: 'viewer',
      managedBy: null,
      overrides: [{ applicationId: application.id, role: 'none', managed: false }],
    })
  })
})

describe('POST …/members', () => {
  it.each(['username', 'email'] as const)('adds somebody by %s, in any case', async (key) => {
    const user = scene.people.stranger[key].toUpperCase()

    const answer = await scene.as.owner('POST', members, { user, role: 'member' })

    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({ user: { id: scene.people.stranger.id }, role: 'member', overrides: [] })
    expect((await scene.as.stranger('GET', members)).statusCode).toBe(200)
  })

  it('knows only people who exist', async () => {
    const answer = await scene.as.owner('POST', members, { user: 'nobody', role: 'member' })

    expect(answer.statusCode).toBe(404)
    expect(answer.json<{ error: string }>().error).toBe('There is no user with this name or e-mail address.')
  })

  it('adds nobody twice', async () => {
    const answer = await scene.as.owner('POST', members, { user: scene.people.viewer.username, role: 'owner' })

    expect(answer.statusCode).toBe(409)
    expect((await scene.as.viewer('PATCH', `/api/v1/teams/${scene.team.id}`, { name: 'x' })).statusCode).toBe(403)
  })

  it.each([{ role: 'admin' }, { role: 'none' }, { role: 50 }, { user: '' }, { user: 'a\u0000' }])(
    'refuses %o',
    async (change) => {
      expect((await scene.as.owner('POST', members, { user: 'x', role: 'member', ...change })).statusCode).toBe(400)
    },
  )
})

describe('PATCH …/members/:userId', () => {
  it('changes the role', async () => {
    const answer = await scene.as.owner('PATCH', `${members}/${scene.people.viewer.id}`, { role: 'member' })

    expect(answer.json<Member>()).toMatchObject({ user: { id: scene.people.viewer.id }, role: 'member' })
  })

  it('keeps the last owner, and lets a second one step down', async () => {
    const own = `${members}/${scene.people.owner.id}`
    const refused = await scene.as.owner('PATCH', own, { role: 'member' })
    expect(refused.statusCode).toBe(409)
    expect(refused.json<{ error: string }>().error).toContain('last owner')

    await scene.as.owner('PATCH', `${members}/${scene.people.member.id}`, { role: 'owner' })
    expect((await scene.as.owner('PATCH', own, { role: 'member' })).statusCode).toBe(200)
  })

  it('lets the last owner stay one', async () => {
    expect((await scene.as.owner('PATCH', `${members}/${scene.people.owner.id}`, { role: 'owner' })).statusCode).toBe(
      200,
    )
  })

  it('knows members of this team alone', async () => {
    expect(
      (await scene.as.owner('PATCH', `${members}/${scene.people.stranger.id}`, { role: 'member' })).statusCode,
    ).toBe(404)
  })
})

describe('DELETE …/members/:userId', () => {
  it('takes overrides along', async () => {
    const { application, people } = scene
    await scene.as.owner('PUT', `${members}/${people.viewer.id}/overrides/${application.id}`, { role: 'owner' })

    expect((await scene.as.owner('DELETE', `${members}/${people.viewer.id}`)).statusCode).toBe(204)

    expect(await forge.store.Override.count({ where: { userId: people.viewer.id } })).toBe(0)
    expect((await scene.as.viewer('GET', members)).statusCode).toBe(404)
  })

  it('lets everybody leave by themselves, and take nobody along', async () => {
    expect((await scene.as.dashboard('DELETE', `${members}/${scene.people.viewer.id}`)).statusCode).toBe(403)
    expect((await scene.as.dashboard('DELETE', `${members}/${scene.people.dashboard.id}`)).statusCode).toBe(204)
  })

  it('keeps the last owner, whoever asks', async () => {
    const own = `${members}/${scene.people.owner.id}`

    expect((await scene.as.owner('DELETE', own)).statusCode).toBe(409)
    expect((await scene.as.admin('DELETE', own)).statusCode).toBe(409)
  })

  it('is 404 for who is no member', async () => {
    expect((await scene.as.owner('DELETE', `${members}/${scene.people.stranger.id}`)).statusCode).toBe(404)
    expect((await scene.as.admin('DELETE', `${members}/${scene.people.admin.id}`)).statusCode).toBe(404)
  })
})

describe('…/overrides/:applicationId', () => {
  const path = (applicationId: string, userId = scene.people.viewer.id) =>
    `${members}/${userId}/overrides/${applicationId}`

  it('sets, replaces and removes the role in one application', async () => {
    const { id } = scene.application
    const set = (role: string) => scene.as.owner('PUT', path(id), { role })

    expect((await set('owner')).json<Member>().overrides).toMatchObject([{ applicationId: id, role: 'owner' }])
    expect((await set('none')).json<Member>().overrides).toMatchObject([{ applicationId: id, role: 'none' }])
    expect((await scene.as.owner('DELETE', path(id))).statusCode).toBe(204)
    expect((await scene.as.owner('DELETE', path(id))).statusCode).toBe(204)
    expect((await scene.as.viewer('GET', `/api/v1/applications/${id}`)).statusCode).toBe(200)
  })

  it("knows no other team's application and no stranger", async () => {
    const elsewhere = await createApplication(forge, { team: await createTeam(forge) })
    const set = (url: string) => scene.as.owner('PUT', url, { role: 'owner' })

    expect((await set(path(elsewhere.id))).statusCode).toBe(404)
    expect((await set(path('nothing'))).statusCode).toBe(404)
    expect((await set(path(scene.application.id, scene.people.stranger.id))).statusCode).toBe(404)
  })

  it('does not move when the same person is in another team', async () => {
    const other = await createTeam(forge)
    const elsewhere = await createApplication(forge, { team: other })
    const somebody = await createUser(forge)
    await addMember(forge, { team: scene.team, user: somebody, role: 'viewer' })
    await addMember(forge, { team: other, user: somebody, role: 'viewer' })

    expect((await scene.as.owner('PUT', path(elsewhere.id, somebody.id), { role: 'owner' })).statusCode).toBe(404)
    expect(await forge.store.Override.count({ where: { userId: somebody.id } })).toBe(0)
  })
})
