import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { ApplicationPage } from '../../../../forge/contract/host.ts'
import { createApplication, createTeam } from '../../../support/builders.ts'
import { startForge, type TestForge } from '../../../support/forge.ts'
import { setScene, type Scene } from '../scene.ts'

let forge: TestForge
let scene: Scene
beforeAll(async () => {
  forge = await startForge()
})
beforeEach(async () => {
  scene = await setScene(forge)
})
afterAll(() => forge.close())

describe('GET /api/v1/applications', () => {
  it('lists those of all teams of the person, and no other', async () => {
    const second = await createTeam(forge, { owner: scene.people.viewer })
    const inSecond = await createApplication(forge, { team: second })
    await createApplication(forge, { team: await createTeam(forge) })

    const page = (await scene.as.viewer('GET', '/api/v1/applications')).json<ApplicationPage>()

    expect(page.count).toBe(2)
    expect(page.applications.map(({ id }) => id).sort()).toEqual([scene.application.id, inSecond.id].sort())
  })

  it('lists those of one team, by name', async () => {
    for (const name of ['b', 'A', 'C']) await createApplication(forge, { team: scene.team, name: `${name}-listed` })

    const url = `/api/v1/applications?teamId=${scene.team.id}&query=LISTED`
    const { applications } = (await scene.as.viewer('GET', url)).json<ApplicationPage>()

    expect(applications.map(({ name }) => name)).toEqual(['A-listed', 'b-listed', 'C-listed'])
  })

  it('knows no team of others', async () => {
    const other = await createTeam(forge)

    expect((await scene.as.viewer('GET', `/api/v1/applications?teamId=${other.id}`)).statusCode).toBe(404)
    expect((await scene.as.viewer('GET', '/api/v1/applications?teamId=no id')).statusCode).toBe(400)
  })
})

describe('PATCH and DELETE /api/v1/applications/:id', () => {
  const url = () => `/api/v1/applications/${scene.application.id}`

  it('renames it', async () => {
    expect((await scene.as.owner('PATCH', url(), { name: ' Renamed ' })).json()).toMatchObject({ name: 'Renamed' })
    expect((await scene.as.owner('PATCH', url(), { teamId: 'x', name: 'y' })).statusCode).toBe(400)
  })

  it('takes its instances with it', async () => {
    await scene.as.owner('DELETE', url())

    expect(await forge.store.Instance.count({ where: { id: scene.instance.id } })).toBe(0)
    expect((await scene.as.owner('GET', url())).statusCode).toBe(404)
    expect((await scene.as.owner('DELETE', url())).statusCode).toBe(404)
  })
})
