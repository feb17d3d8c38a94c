import { afterAll, beforeAll, expect, it } from 'vitest'

import type { DeviceRequest } from '../../../forge/contract/device.ts'
import type { OAuthClient, OAuthClientList } from '../../../forge/contract/oauth-client.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  openBrowser,
  type Browser,
} from '../../support/builders.ts'
import { startOAuthScene, type OAuthScene } from './support.ts'

let scene: OAuthScene
let owner: Browser
let path: string
beforeAll(async () => {
  scene = await startOAuthScene()
  const bob = await createUser(scene.forge)
  await addMember(scene.forge, { team: scene.team, user: bob, role: 'owner' })
  owner = await openBrowser(scene.forge, bob)
  path = `/api/v1/teams/${scene.team.id}/oauth-clients`
})
afterAll(() => scene.forge.close())

const register = async () => (await owner('POST', path, { name: 'Night shift robot' })).json<OAuthClient>()

it('is registered, listed and removed by owners alone', async () => {
  const client = await register()
  expect((await owner('GET', path)).json<OAuthClientList>()).toEqual({ count: 1, clients: [client] })

  expect((await scene.browser('GET', path)).statusCode).toBe(404)
  expect((await scene.browser('POST', path, { name: 'x' })).statusCode).toBe(404)
  expect((await scene.browser('DELETE', `${path}/${client.id}`)).statusCode).toBe(404)

  expect((await owner('DELETE', `${path}/${client.id}`)).statusCode).toBe(204)
  expect((await owner('DELETE', `${path}/${client.id}`)).statusCode).toBe(404)
  expect(await scene.begin({ client_id: client.id })).toMatchObject({ error: 'invalid_client' })
})

it('may reach what is the team’s alone', async () => {
  const other = await createTeam(scene.forge, { owner: scene.alice })
  const elsewhere = await createInstance(scene.forge, {
    application: await createApplication(scene.forge, { team: other }),
  })
  const client = await register()
  const { user_code: userCode } = await scene.begin({ client_id: client.id, resource: elsewhere.url })

  const shown = (await scene.browser('POST', '/api/v1/device/lookup', { userCode })).json<DeviceRequest>()
  expect(shown.client).toEqual({ id: client.id, name: 'Night shift robot', kind: 'team', teamId: scene.team.id })
  expect(shown.resources).toEqual([{ url: `${elsewhere.url}/`, instanceId: null }])
  const refused = await scene.approve(userCode, { grants: [{ type: 'instance', id: elsewhere.id }] })
  expect(refused.statusCode).toBe(404)
  expect((await scene.approve(userCode)).statusCode).toBe(204)
})

it('gets nothing once it is removed, though a person has agreed', async () => {
  const client = await register()
  const { user_code: userCode, device_code: deviceCode } = await scene.begin({ client_id: client.id })
  await scene.approve(userCode)
  await owner('DELETE', `${path}/${client.id}`)

  const answer = await scene.poll(deviceCode, client.id)
  expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'access_denied'])
})
