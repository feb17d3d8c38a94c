import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { setOverride } from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'
import { setScene, type Scene } from './scene.ts'

let forge: TestForge
let scene: Scene
beforeAll(async () => {
  forge = await startForge()
})
beforeEach(async () => {
  scene = await setScene(forge)
})
afterAll(() => forge.close())

type Who = keyof Scene['as']
type Call = readonly ['GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', (scene: Scene) => string, object?]

const SEEING: Call[] = [
  ['GET', ({ team }) => `/teams/${team.id}`],
  ['GET', ({ team }) => `/teams/${team.id}/members`],
  ['GET', ({ team }) => `/applications?teamId=${team.id}`],
  ['GET', ({ application }) => `/applications/${application.id}`],
  ['GET', ({ team }) => `/instances?teamId=${team.id}`],
  ['GET', ({ instance }) => `/instances/${instance.id}`],
]

const MANAGING: Call[] = [
  ['PATCH', ({ team }) => `/teams/${team.id}`, { name: 'Renamed' }],
  ['DELETE', ({ team }) => `/teams/${team.id}`],
  ['POST', ({ team }) => `/teams/${team.id}/members`, { user: 'admin', role: 'owner' }],
  ['PATCH', ({ team, people }) => `/teams/${team.id}/members/${people.viewer.id}`, { role: 'owner' }],
  ['DELETE', ({ team, people }) => `/teams/${team.id}/members/${people.viewer.id}`],
  ['PUT', overridePath, { role: 'none' }],
  ['DELETE', overridePath],
  ['PATCH', ({ application }) => `/applications/${application.id}`, { name: 'Renamed' }],
  ['DELETE', ({ application }) => `/applications/${application.id}`],
  ['PATCH', ({ instance }) => `/instances/${instance.id}`, { name: 'renamed' }],
  ['DELETE', ({ instance }) => `/instances/${instance.id}`],
  ['POST', ({ instance }) => `/instances/${instance.id}/credentials`],
]

function overridePath({ team, people, application }: Scene): string {
  return `/teams/${team.id}/members/${people.viewer.id}/overrides/${application.id}`
}

const call = (who: Who, [method, path, body]: Call) => scene.as[who](method, `/api/v1${path(scene)}`, body)
const title = ([method, path]: Call) => `${method} ${path.toString().replace(/^.*?[`/]|`$|\$\{\w+\./g, '')}`

describe.each(SEEING.map((each) => [title(each), each] as const))('%s', (_title, each) => {
  it.each(['admin', 'owner', 'member', 'viewer', 'dashboard'] as const)('is open to the %s', async (who) => {
    expect((await call(who, each)).statusCode).toBe(200)
  })

  it('is not there for a stranger, and closed to nobody in particular', async () => {
    expect((await call('stranger', each)).statusCode).toBe(404)
    expect((await call('nobody', each)).statusCode).toBe(401)
  })
})

describe.each(MANAGING.map((each) => [title(each), each] as const))('%s', (_title, each) => {
  it.each(['admin', 'owner'] as const)('is done by the %s', async (who) => {
    expect((await call(who, each)).statusCode).toBeLessThan(300)
  })

  it('is forbidden to members of other roles', async () => {
    for (const who of ['member', 'dashboard'] as const) {
      const answer = await call(who, each)
      expect(answer.statusCode, who).toBe(403)
      expect(answer.json(), who).toEqual({ code: 'forbidden', error: 'Only an owner can do this.' })
    }
  })

  it('is not there for a stranger, and closed to nobody in particular', async () => {
    const stranger = await call('stranger', each)

    expect(stranger.statusCode).toBe(404)
    expect(stranger.json()).toMatchObject({ code: 'not_found' })
    expect((await call('nobody', each)).statusCode).toBe(401)
  })
})

describe('creating', () => {
  it('an application needs an owner of the team', async () => {
    const create = (who: Who) => scene.as[who]('POST', '/api/v1/applications', { teamId: scene.team.id, name: 'New' })

    expect((await create('owner')).json()).toMatchObject({ name: 'New', teamId: scene.team.id })
    expect((await create('member')).statusCode).toBe(403)
    expect((await create('stranger')).statusCode).toBe(404)
  })

  it('an instance needs an owner in the application', async () => {
    const body = { applicationId: scene.application.id, name: 'packer', url: 'https://packer.example.com' }
    const create = (who: Who) => scene.as[who]('POST', '/api/v1/instances', body)

    expect((await create('owner')).json()).toMatchObject({
      ...body,
      teamId: scene.team.id,
      applicationName: scene.application.name,
      credential: null,
    })
    expect((await create('member')).statusCode).toBe(403)
    expect((await create('stranger')).statusCode).toBe(404)
  })
})

describe('an override in one application', () => {
  const instances = (who: Who) => scene.as[who]('GET', `/api/v1/instances?teamId=${scene.team.id}`)

  it('of none hides the application and its instances', async () => {
    const { application, people } = scene
    await setOverride(forge, { application, user: people.owner, role: 'none' })

    expect((await call('owner', ['GET', () => `/applications/${application.id}`])).statusCode).toBe(404)
    expect((await call('owner', ['GET', () => `/instances/${scene.instance.id}`])).statusCode).toBe(404)
    expect((await instances('owner')).json()).toMatchObject({ count: 0, instances: [] })
  })

  it('lifts a viewer to an owner there and nowhere else', async () => {
    const { application, people, team } = scene
    await setOverride(forge, { application, user: people.viewer, role: 'owner' })

    expect((await call('viewer', ['PATCH', () => `/applications/${application.id}`, { name: 'X' }])).statusCode).toBe(
      200,
    )
    expect((await call('viewer', ['PATCH', () => `/teams/${team.id}`, { name: 'X' }])).statusCode).toBe(403)
  })

  it('does not hide anything from an administrator', async () => {
    expect((await instances('admin')).json()).toMatchObject({ count: 1 })
  })
})
